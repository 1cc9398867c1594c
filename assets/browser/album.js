// The pictures to come back to: a card each, to open, rename and delete, and one export for all of them.

class Album {
  constructor(studio, open) {
    this.studio = studio;
    this.open = open; // called with a picture's row
    this.rows = [];
    this.renamed = () => {}; // set by whoever shows the open picture's name
    this.question = new AlbumQuestion();
    this.export = new AlbumExport(studio);
    this.build();
    studio.on("document", () => this.show());
  }

  build() {
    this.count = make("span", { class: "quiet", "data-testid": "album-count" });
    this.cards = make("ul", { class: "album-cards", "data-testid": "album-cards" });
    this.node = make("section", { class: "album", hidden: true, "aria-label": say("app.album.title"),
      data: { testid: "album" } },
    make("header", { class: "album-head" }, make("h3", {}, say("app.album.title")), this.count, this.export.button),
    this.export.node, this.cards, this.question.node);
  }

  /** Asks what there is; a server that does not answer leaves the list as it was. */
  async refresh() {
    const reply = await this.studio.ask("pictures").catch(() => null);
    if (!reply) return;
    this.rows = reply.pictures;
    this.show();
  }

  show() {
    const held = this.cards.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    this.node.hidden = this.rows.length === 0;
    write(this.count, say("app.album.count", { count: this.rows.length }));
    for (const card of this.cards.children) URL.revokeObjectURL(card.querySelector("img")?.src);
    this.cards.replaceChildren(...this.rows.map((row) => createAlbumCard(this, row)));
    if (held) this.cards.querySelector(`[data-testid="${held}"]`)?.focus();
  }

  isOpen(row) {
    return this.studio.document?.id === row.picture;
  }

  async rename(row, to) {
    const reply = await this.studio.during(() => this.studio.ask("rename", { picture: row.picture, to }));
    if (!reply) return this.show();
    row.name = reply.name;
    if (this.isOpen(row)) {
      this.studio.document.name = reply.name;
      this.renamed();
    }
    this.show();
  }

  async remove(row) {
    if (!await this.question.ask(row)) return;
    const done = await this.studio.during(() => this.studio.ask("remove", { picture: row.picture }));
    if (!done) return;
    this.rows = this.rows.filter((other) => other !== row);
    this.show();
    this.studio.notices.tell(say("app.album.removed", { name: row.name }));
  }
}

/** Whether a picture is to be deleted for good. */
class AlbumQuestion {
  constructor() {
    const choice = (name, kind) => button({ class: `button ${kind}`, data: { testid: `album-${name}` } },
      () => this.node.close(name), say(`app.album.${name}`));
    this.title = make("h3", {});
    this.words = make("p", {});
    this.node = make("dialog", { class: "dialog leaving", "aria-label": say("app.album.remove_title"),
      data: { testid: "album-question" }, on: { close: () => this.settle(this.node.returnValue === "delete") } },
    make("div", { class: "dialog-body" }, this.title, this.words,
      make("div", { class: "leaving-choices" }, choice("keep", ""), choice("delete", "danger"))));
  }

  ask(row) {
    write(this.title, say("app.album.remove_question", { name: row.name }));
    write(this.words, say("app.album.remove_words", { count: row.segments }));
    this.node.returnValue = "keep";
    this.node.showModal();
    return new Promise((resolve) => { this.settle = resolve; });
  }

  settle() {}
}
