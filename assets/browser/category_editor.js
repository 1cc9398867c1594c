// The categories of the open picture: named, coloured, thing or stuff; added, and taken away where nothing uses them.

class CategoryEditor {
  constructor(studio, edits) {
    this.studio = studio;
    this.edits = edits;
    this.build();
    studio.on("state", () => this.node.open && this.show());
  }

  build() {
    const words = say("app.categories.search");
    this.search = make("input", { type: "search", class: "field", placeholder: words, "aria-label": words,
      autocomplete: "off", spellcheck: "false", "data-testid": "categories-search", on: { input: () => this.sift() } });
    this.rows = make("ul", { class: "category-rows", "data-testid": "categories" });
    this.nothing = make("p", { class: "quiet empty", hidden: true }, say("app.relabel.none"));
    this.node = make("dialog", { class: "dialog categories", "aria-label": say("app.categories.title"),
      data: { testid: "category-editor" }, on: { click: (event) => event.target === this.node && this.node.close() } },
    make("div", { class: "dialog-body" },
      make("header", { class: "dialog-head" }, make("h3", {}, say("app.categories.title")),
        iconButton("close", say("app.close"), () => this.node.close())),
      this.search, this.rows, this.nothing, this.buildNewcomer()));
  }

  /** The row that adds one. */
  buildNewcomer() {
    const name = nameField("new", "");
    const color = colorField("new", [128, 128, 128]);
    const kind = kindField("new", true);
    const add = () => {
      if (!name.value.trim()) return name.focus();
      this.keep(null, name, color, kind);
      name.value = "";
      return name.focus();
    };
    name.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), add()));
    setWords(name, "placeholder", say("app.categories.new"));
    this.freshColor = color;
    return make("div", { class: "category-row newcomer" }, color, name, kind,
      button({ class: "button", data: { testid: "category-add" } }, add, icon("plus"), say("app.categories.add")));
  }

  open() {
    this.search.value = "";
    this.show();
    this.node.showModal();
  }

  show() {
    const held = this.rows.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    const uses = new Map();
    for (const { category_id: id } of this.studio.segments.values()) uses.set(id, (uses.get(id) ?? 0) + 1);
    this.rows.replaceChildren(...this.studio.taxonomy.map((row) => this.buildRow(row, uses.get(row.category_id) ?? 0)));
    this.freshColor.value = hexColor(unusedColor(this.studio.taxonomy.map((row) => row.color)));
    this.sift();
    if (held) this.rows.querySelector(`[data-testid="${held}"]`)?.focus();
  }

  buildRow(row, count) {
    const id = row.category_id;
    const name = nameField(id, row.name);
    const color = colorField(id, row.color);
    const kind = kindField(id, row.is_thing);
    const change = () => (name.value.trim() ? this.keep(row, name, color, kind) : this.show());
    for (const field of [name, color, kind]) field.addEventListener("change", change);
    const words = count > 0 ? say("app.categories.used", { count }) : say("app.categories.remove", { name: row.name });
    const bin = iconButton("bin", words, () => this.edits.edit({ kind: "remove_category", category_id: id }),
      { disabled: count > 0, "data-testid": `category-remove-${id}` });
    const data = { name: row.name.toLocaleLowerCase(language.tag) };
    return make("li", { class: "category-row", data }, color, name, kind,
      make("span", { class: "quiet number category-count" }, count > 0 ? whole(count) : ""), bin);
  }

  keep(row, name, color, kind) {
    const wanted = { name: name.value.trim(), is_thing: kind.value === "thing", color: channelsOf(color.value) };
    const same = row && row.name === wanted.name && row.is_thing === wanted.is_thing
      && row.color.every((channel, i) => channel === wanted.color[i]);
    if (!same) this.edits.edit({ kind: "set_category", category_id: row?.category_id ?? null, ...wanted });
  }

  sift() {
    const words = this.search.value.trim().toLocaleLowerCase(language.tag);
    for (const row of this.rows.children) row.hidden = !row.dataset.name.includes(words);
    this.nothing.hidden = [...this.rows.children].some((row) => !row.hidden);
  }
}

function nameField(id, value) {
  const field = make("input", { type: "text", class: "field", maxlength: "80", autocomplete: "off", spellcheck: "false",
    "aria-label": say("app.categories.name"), "data-testid": `category-name-${id}` });
  field.value = value;
  return field;
}

function colorField(id, color) {
  const field = make("input", { type: "color", class: "category-color", "aria-label": say("app.categories.color"),
    "data-testid": `category-color-${id}` });
  field.value = hexColor(color);
  return field;
}

function kindField(id, isThing) {
  const field = picker(say("app.categories.kind"),
    [["thing", say("app.segments.thing")], ["stuff", say("app.segments.stuff")]], () => {},
    { "data-testid": `category-kind-${id}` });
  field.value = isThing ? "thing" : "stuff";
  return field;
}

function hexColor(color) {
  return `#${color.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function channelsOf(hex) {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}

/** Of 48 hues the one farthest from every colour that is there. */
function unusedColor(colors) {
  const candidates = Array.from({ length: 48 }, (_, i) => hueColor(i / 48));
  const distance = (a, b) => a.reduce((sum, channel, i) => sum + (channel - b[i]) ** 2, 0);
  const nearest = (candidate) => Math.min(Infinity, ...colors.map((color) => distance(candidate, color)));
  return candidates.reduce((best, other) => (nearest(other) > nearest(best) ? other : best));
}

function hueColor(turn) {
  return [0, 1 / 3, 2 / 3].map((shift) => {
    const away = Math.abs((((turn + shift) % 1) + 1) % 1 * 6 - 3) - 1;
    return Math.round(255 * (0.2 + 0.65 * Math.min(1, Math.max(0, away))));
  });
}
