// Which gestures of this page are done and which are taken back: the history's own order, followed letter by letter.

class Trail {
  constructor(studio) {
    this.gone = new Set(); // what was taken back and can come back no more
    studio.on("document", () => this.clear());
    this.clear();
  }

  clear() {
    this.forgo();
    this.done = [];
  }

  /** After something new nothing can be redone. */
  forgo() {
    for (const gesture of this.undone ?? []) this.gone.add(gesture);
    this.undone = [];
  }

  /** A letter was answered; what changed nothing is in no history. */
  follow({ name, fields }, reply) {
    if (!reply || (!reply.state && reply.base === reply.version)) return;
    if (name === "undo") this.undone.push(this.done.pop() ?? null);
    else if (name === "redo") this.done.push(this.undone.pop() ?? null);
    else this.add(fields.gesture ?? null);
  }

  add(gesture) {
    this.forgo();
    if (gesture === null || this.done.at(-1) !== gesture) this.done.push(gesture);
  }

  isUndone(gesture) {
    return gesture !== null && (this.undone.includes(gesture) || this.gone.has(gesture));
  }

  /** How many undos take a gesture back, with all that came after it; 0 where it is not done. */
  depth(gesture) {
    const place = this.done.indexOf(gesture);
    return place === -1 ? 0 : this.done.length - place;
  }
}
