// Before a picture is left some of whose edits are not saved yet: wait until they are, or go on.

class Leaving {
  constructor(edits) {
    this.edits = edits;
    const choice = (name, kind) => button({ class: `button ${kind}`, data: { testid: `leave-${name}` } },
      () => this.node.close(name), say(`app.leave.${name}`));
    this.node = make("dialog", { class: "dialog leaving", "aria-label": say("app.leave.title"),
      data: { testid: "leaving" }, on: { close: () => this.settle(this.node.returnValue) } },
    make("div", { class: "dialog-body" },
      make("h3", {}, say("app.leave.title")), make("p", {}, say("app.leave.why")),
      make("div", { class: "leaving-choices" }, choice("go", ""), choice("stay", "primary"))));
    edits.onChange(() => !this.pending && this.node.open && this.node.close("go"));
    addEventListener("beforeunload", (event) => this.pending && event.preventDefault());
  }

  /** True while an edit lies in this browser alone. */
  get pending() {
    return this.edits.mood !== "saved";
  }

  /** True once all edits are saved, or the person goes on without waiting for that. */
  async allowed() {
    await this.edits.quiet(); // an edit on its way is saved in a moment
    if (!this.pending) return true;
    this.node.returnValue = "stay";
    this.node.showModal();
    return await new Promise((resolve) => { this.settle = resolve; }) === "go";
  }

  settle() {}
}
