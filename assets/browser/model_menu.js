// The model menu: a dialog with a listbox in groups, a search where the list is long, and the download at its foot.

const MODEL_GROUPS = ["bundled", "cached", "downloadable", "by_hand"]; // where a model is

class ModelMenu {
  constructor(studio, models, chosen) {
    this.studio = studio;
    this.models = models;
    this.chosen = chosen; // called with a row
    this.stem = uniqueId("model");
    this.rows = [];
    this.active = null;
    this.build();
    studio.on("models", () => this.follow());
  }

  build() {
    const words = say("app.model.search");
    this.search = make("input", { type: "search", class: "field", placeholder: words, "aria-label": words,
      autocomplete: "off", spellcheck: "false", "aria-controls": this.stem, "data-testid": "model-search",
      on: { input: () => this.sift(), keydown: (event) => this.walk(event) } });
    this.list = make("div", { id: this.stem, class: "models", role: "listbox", tabindex: "0", "data-testid": "models",
      "aria-label": say("app.model.list"), on: {
        keydown: (event) => this.walk(event),
        click: (event) => this.take(event.target.closest(".model-row")),
      } });
    this.nothing = make("p", { class: "quiet empty", hidden: true }, say("app.model.none"));
    this.foot = new ModelFoot(this.models, () => this.list.focus());
    this.node = make("dialog", { class: "dialog model-menu", "aria-label": say("app.model.label"),
      data: { testid: "model-menu" }, on: { click: (event) => event.target === this.node && this.node.close() } },
    make("div", { class: "dialog-body" },
      make("header", { class: "dialog-head" }, make("h3", {}, say("app.model.label")),
        iconButton("close", say("app.close"), () => this.node.close())),
      this.search, this.list, this.nothing, this.foot.node));
  }

  get open() {
    return this.node.open;
  }

  async show() {
    this.foot.clear();
    this.search.value = "";
    this.fill();
    this.node.showModal();
    this.list.focus();
    await this.models.refresh().catch((refusal) => this.foot.fail(refusal.message));
  }

  /** New rows where the list changed, else only what the rows say. */
  follow() {
    const same = this.models.rows.length === this.rows.length
      && this.rows.every(({ row }, i) => row === this.models.rows[i]);
    if (same) for (const row of this.rows) row.update();
    else if (this.open) this.fill();
    this.foot.follow();
  }

  fill() {
    this.rows = this.models.rows.map((row, i) => new ModelRow(this.models, row, `${this.stem}-${i}`));
    this.list.replaceChildren(...MODEL_GROUPS.map((state) => this.buildGroup(state)));
    this.search.hidden = !this.models.long;
    this.sift();
  }

  buildGroup(state) {
    const rows = this.rows.filter(({ row }) => row.state === state);
    const id = `${this.stem}-${state}`;
    const notes = { by_hand: "app.model.note.by_hand",
      downloadable: this.models.downloads ? "app.model.note.downloadable" : "app.model.note.downloadable_off" };
    const note = state in notes ? make("span", { class: "quiet" }, say(notes[state])) : null;
    return make("div", { class: "model-group", role: "group", "aria-labelledby": id, hidden: rows.length === 0 },
      make("div", { class: "model-group-head" }, make("h5", { id }, say(`app.model.group.${state}`)), note),
      rows.map(({ node }) => node));
  }

  /** Hides what the search does not name; the arrow keys walk what is left. */
  sift() {
    const words = this.search.value.trim().toLocaleLowerCase(language.tag).split(/\s+/);
    for (const row of this.rows) row.node.hidden = !words.every((word) => row.words.includes(word));
    for (const group of this.list.children) group.hidden = !group.querySelector(".model-row:not([hidden])");
    const shown = this.shown();
    this.nothing.hidden = shown.length > 0;
    this.list.hidden = shown.length === 0;
    const kept = shown.find(({ row }) => row.name === (this.active ?? this.models.current?.name));
    this.setActive(kept ?? shown[0] ?? null);
  }

  shown() {
    return MODEL_GROUPS.flatMap((state) => this.rows.filter(({ row, node }) => row.state === state && !node.hidden));
  }

  setActive(row) {
    this.active = row?.row.name ?? null;
    for (const other of this.rows) other.node.classList.toggle("active", other === row);
    for (const field of [this.list, this.search]) {
      if (row) field.setAttribute("aria-activedescendant", row.node.id);
      else field.removeAttribute("aria-activedescendant");
    }
    if (row) keepInSight(this.list, row.node);
  }

  walk(event) {
    const shown = this.shown();
    const typing = event.target === this.search;
    const from = shown.findIndex(({ row }) => row.name === this.active);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -6, PageDown: 6 };
    if (!typing) Object.assign(steps, { Home: -Infinity, End: Infinity });
    if (event.key in steps) this.setActive(shown[clamp(from + steps[event.key], 0, shown.length - 1)] ?? null);
    else if (event.key === "Enter" || (event.key === " " && !typing)) this.take(shown[from]?.node);
    else if (event.key === "Escape") this.node.close();
    else {
      const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey;
      if (letter && !typing && this.models.long) this.search.focus(); // and the letter goes there
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  take(node) {
    const row = this.rows.find((other) => other.node === node);
    if (!row) return;
    this.setActive(row);
    if (row.row.state === "by_hand") this.foot.explain(row.row);
    else if (row.reachable) this.chosen(row.row);
  }
}
