// Before edits that are in no export would be left: export them first, leave them, or stay.

class Leaving {
  constructor(studio, edits) {
    this.studio = studio;
    this.edits = edits;
    this.words = make("p", {});
    const choice = (name, kind, answer) => button({ class: `button ${kind}`, data: { testid: `leave-${name}` } },
      () => this.answer(answer), say(`app.leave.${name}`));
    this.node = make("dialog", { class: "dialog leaving", "aria-label": say("app.leave.title"),
      data: { testid: "leaving" }, on: { close: () => this.settle(this.node.returnValue) } },
    make("div", { class: "dialog-body" },
      make("h3", {}, say("app.leave.title")), this.words,
      make("div", { class: "leaving-choices" }, choice("stay", "", "stay"), choice("drop", "danger", "drop"),
        choice("export", "primary", "export"))));
  }

  /** True if nothing would be lost, or the person saved it or let it go. */
  async allowed(sentence) {
    await this.edits.quiet(); // an edit on its way counts
    if (!this.studio.unexported) return true;
    this.words.textContent = sentence;
    this.node.returnValue = "stay";
    this.node.showModal();
    const wish = await new Promise((resolve) => { this.settle = resolve; });
    if (wish === "export") await this.edits.export();
    return wish === "drop" || (wish === "export" && !this.studio.unexported);
  }

  settle() {}

  answer(wish) {
    this.node.close(wish);
  }
}
