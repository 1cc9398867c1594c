// The bar over everything: another picture, what is open, whether it is saved, undo and redo, the keys, the export.

class Toolbar {
  constructor(studio, edits, source, model, keySheet) {
    this.studio = studio;
    this.edits = edits;
    this.source = source;
    this.chooser = this.buildChooser();
    this.build(model, keySheet);
    studio.on("document", () => this.showDocument());
    studio.on("state", () => this.follow());
    edits.onChange(() => this.tellSaved());
  }

  build(model, keySheet) {
    const { edits } = this;
    this.name = make("span", { class: "document-name", "data-testid": "document-name" });
    this.size = make("span", { class: "quiet document-size" });
    this.undo = iconButton("undo", say("app.history.undo"), () => edits.undo(), { "data-testid": "undo" });
    this.redo = iconButton("redo", say("app.history.redo"), () => edits.redo(), { "data-testid": "redo" });
    this.export = button({ class: "button primary", data: { testid: "export" }, title: say("app.export.title") },
      () => this.save(), icon("export"), make("span", {}, say("app.export.button")));
    this.saved = make("span", { class: "saved", role: "status", data: { testid: "saved" } }, icon("check"),
      make("span", {}));
    this.tellSaved();
    this.node = make("div", { class: "toolbar", role: "toolbar", "aria-label": say("app.toolbar.label") },
      button({ class: "button", "aria-label": say("app.source.new"), data: { testid: "new-picture" } }, () => this.choose(), icon("picture"),
        make("span", {}, say("app.source.new"))),
      make("div", { class: "document" }, this.name, this.size, model),
      make("div", { class: "toolbar-end" }, this.saved, this.undo, this.redo,
        iconButton("keys", say("app.keys.title"), () => keySheet.open(), { "data-testid": "keys" }), this.export));
  }

  choose() {
    this.source.album.refresh();
    this.chooser.showModal();
  }

  buildChooser() {
    const chooser = make("dialog",
      { class: "dialog chooser", "aria-label": say("app.source.new"), data: { testid: "chooser" },
      on: { click: (event) => event.target === chooser && chooser.close() } });
    const close = iconButton("close", say("app.close"), () => chooser.close());
    chooser.append(make("div", { class: "dialog-body" },
      make("header", { class: "dialog-head" }, make("h3", {}, say("app.source.new")), close)));
    return chooser;
  }

  showDocument() {
    this.chooser.firstChild.append(this.source.node); // it has done its work on the start screen
    const { name, height, width } = this.studio.document;
    this.name.textContent = name;
    this.name.title = name;
    this.size.textContent = `${width} × ${height}`;
  }

  tellSaved() {
    const { mood } = this.edits;
    if (this.saved.dataset.mood === mood) return;
    this.saved.dataset.mood = mood;
    setWords(this.saved, "title", say(`app.saved.${mood}_title`));
    write(this.saved.lastChild, say(`app.saved.${mood}`));
  }

  follow() {
    for (const name of ["undo", "redo"]) {
      const what = this.studio.state[name];
      const words = what ? say(`app.history.${name}_what`, { what: say(what.key, what.values) })
        : say(`app.history.no_${name}`);
      for (const attribute of ["title", "aria-label"]) setWords(this[name], attribute, words);
      this[name].disabled = !what;
    }
  }

  async save() {
    this.export.disabled = true;
    await this.edits.export();
    this.export.disabled = false;
  }
}
