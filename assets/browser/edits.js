// What a person does to the picture, as letters in the outbox; thresholds overtake themselves.

class Edits {
  constructor(studio) {
    this.studio = studio;
    this.tail = Promise.resolve(); // done once everything posted so far is
    this.listeners = [];
    this.outbox = new Outbox(studio, () => this.listeners.forEach((listener) => listener()));
    this.wanted = null; // the threshold edit that waits for its turn
    this.takenBack = () => false; // true where something that was no edit yet has been taken back
    studio.on("document", () => this.open());
  }

  open() {
    this.wanted = null;
    this.outbox.resume();
  }

  /** Once nothing is being sent: all is saved, or waits for the server to be reached again. */
  async quiet() {
    const { tail } = this;
    const waits = new Promise((resolve) => this.onChange(() => this.mood === "waiting" && resolve()));
    if (this.mood !== "waiting") await Promise.race([tail, waits]);
  }

  /** Calls the listener whenever the outbox changes. */
  onChange(listener) {
    this.listeners.push(listener);
  }

  get mood() {
    return this.outbox.mood;
  }

  relabel(segmentId, categoryId) {
    return this.edit({ kind: "relabel", segment_id: segmentId, category_id: categoryId });
  }

  remove(segmentId, fill) {
    return this.edit({ kind: "delete", segment_id: segmentId, fill });
  }

  lock(segmentId, locked) {
    return this.edit({ kind: "lock", segment_id: segmentId, locked });
  }

  review(segmentId, reviewed) {
    return this.edit({ kind: "review", segment_id: segmentId, reviewed });
  }

  /** `over` takes pixels from every segment that is not protected. */
  async promote(query, over = false) {
    await this.edit({ kind: "promote", query, ...(over ? { over } : {}) });
    const segmentId = this.studio.fates.get(query)?.segment_id ?? null;
    if (segmentId !== null) this.studio.chooseSegment(segmentId);
  }

  switch(query, on) {
    return this.edit({ kind: "switch", query, on });
  }

  /** While one is on its way only the last wish is kept. */
  setThresholds(score, overlap, gesture) {
    const waiting = this.wanted !== null;
    this.wanted = { edit: { kind: "thresholds", score, overlap }, gesture };
    if (!waiting) this.after(() => this.postThresholds());
  }

  postThresholds() {
    const fields = this.wanted;
    this.wanted = null;
    return this.outbox.post({ name: "edit", fields, quiet: true });
  }

  /** Takes the last gesture back, unless somebody has something to take back first. */
  undo() {
    if (this.takenBack()) return this.tail;
    return this.post({ name: "undo", fields: {} }, this.studio.state?.undo);
  }

  redo() {
    return this.post({ name: "redo", fields: {} }, this.studio.state?.redo);
  }

  /** Saves the files of the newest version. */
  export() {
    return this.after(() => this.studio.during(async () => {
      const reply = await this.studio.request("export");
      saveFile(reply.file_name, reply.zip, "application/zip");
      this.studio.notices.tell(reply.message);
    }));
  }

  /** One edit; edits of one gesture in a row are one entry. @param more {file, key, makes, quiet} for the outbox */
  edit(edit, { gesture = uniqueId("gesture"), ...more } = {}) {
    return this.post({ name: "edit", fields: { edit, gesture }, ...more });
  }

  /** Undo and redo are also posted on top of what is still on its way, which may give them something to do. */
  post(letter, possible = true) {
    if (!possible && this.mood === "saved") return this.tail;
    const settled = this.outbox.post(letter);
    this.tail = this.tail.then(() => settled);
    return settled;
  }

  /** Runs work once everything before it is settled. */
  after(work) {
    const { document } = this.studio;
    this.tail = this.tail.then(() => this.studio.document === document && work());
    return this.tail;
  }
}
