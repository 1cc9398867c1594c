// A change that is shown and waits for a yes or a no: a sentence and buttons over the picture, ghosts on it.

class Offer {
  constructor(stage) {
    const { studio } = stage;
    Object.assign(this, { studio, stage, answers: null });
    this.words = make("p", { class: "offer-words", role: "status", "data-testid": "offer-words" });
    this.actions = make("div", { class: "offer-actions" });
    this.node = make("div", { class: "offer", hidden: true, role: "group", "aria-label": say("app.offer.label"),
      data: { testid: "offer" }, on: { pointerdown: (event) => event.stopPropagation() } }, this.words, this.actions);
    stage.viewport.node.append(this.node);
    studio.on("document", () => this.close());
  }

  get open() {
    return this.answers !== null;
  }

  /**
   * @param words the sentence
   * @param ghosts the shapes
   * @param answers {take, refuse, all?, step?}: what Enter and Esc do, and what the other buttons and arrow keys do
   */
  show(words, ghosts, answers) {
    this.answers = answers;
    this.actions.replaceChildren(...this.buildActions(answers));
    this.tell(words, ghosts);
    this.node.hidden = false;
    this.stage.viewport.node.scrollIntoView({ block: "nearest" }); // who asked for it may have scrolled far down
  }

  tell(words, ghosts) {
    write(this.words, words);
    this.studio.setGhosts(ghosts);
  }

  buildActions({ all, step, takeWords = say("app.offer.take"), refuseWords = say("app.offer.refuse") }) {
    const choice = (name, words, key, properties = {}) => button(
      { class: "button", data: { testid: `offer-${name}` }, ...properties },
      (event) => this.press(event, name), make("span", {}, words), key ? kbd(key) : null);
    const walk = (name, by, words) => iconButton(name, words, (event) => (step(by), this.backToPicture(event)),
      { "data-testid": `offer-${name}` });
    return [
      ...(step ? [walk("before", -1, say("app.offer.before")), walk("after", 1, say("app.offer.after"))] : []),
      choice("take", takeWords, chordWords("Enter"), { class: "button strong" }),
      ...(all ? [choice("all", say("app.offer.all"), null)] : []),
      choice("refuse", refuseWords, chordWords("Escape"))];
  }

  press(event, name) {
    this.backToPicture(event);
    this.answers[name]();
  }

  /** With the mouse the keys stay with the picture. */
  backToPicture(event) {
    if (event.detail > 0) this.stage.viewport.node.focus({ preventScroll: true });
  }

  /** Puts it away without an answer. */
  close() {
    if (!this.open) return;
    const hadFocus = this.node.contains(document.activeElement);
    this.answers = null;
    this.node.hidden = true;
    this.studio.setGhosts([]);
    if (hadFocus) this.stage.viewport.node.focus({ preventScroll: true });
  }

  /** True where the key was an answer. */
  key({ key, target }) {
    if (!this.open) return false;
    const { take, refuse, step } = this.answers;
    const onButton = target.closest("button, a, input, summary, [role=option]");
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    if (key === "Escape") refuse();
    else if (key === "Enter" && !onButton) take();
    else if (by && step && !onButton) step(by);
    else return false;
    return true;
  }
}
