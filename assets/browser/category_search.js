// The whole taxonomy behind one search field: a combobox with arrow keys, Enter and Escape.

const LISTED_CATEGORIES = 60;
const ROOM_BELOW = 250; // CSS pixels; with less the list opens upwards

class CategorySearch {
  constructor(studio, chosen) {
    this.studio = studio;
    this.chosen = chosen;
    this.stem = uniqueId("category");
    this.active = -1;
    this.build();
  }

  build() {
    const listbox = { id: this.stem, role: "listbox", "aria-label": say("app.relabel.all"), hidden: true };
    this.list = make("div", { class: "options", ...listbox, on: {
      pointerdown: (event) => event.preventDefault(),
      click: (event) => this.take(event.target.closest(".option")),
    } });
    const combobox = { role: "combobox", "aria-expanded": "false", "aria-controls": this.stem };
    const words = say("app.relabel.search");
    const field = { "aria-autocomplete": "list", type: "search", class: "field", placeholder: words, "aria-label": words, autocomplete: "off" };
    this.field = make("input", { ...field, ...combobox, "data-testid": "category-search", on: {
      focus: () => this.open(),
      blur: () => this.close(),
      input: () => this.open(),
      keydown: (event) => this.press(event),
    } });
    this.node = make("div", { class: "category-search" }, this.field, this.list);
  }

  matches() {
    const words = this.field.value.trim().toLocaleLowerCase(language.tag);
    const starts = (row) => Number(!row.name.toLocaleLowerCase(language.tag).startsWith(words));
    const found = this.studio.taxonomy.filter((row) => row.name.toLocaleLowerCase(language.tag).includes(words));
    found.sort((a, b) => starts(a) - starts(b) || a.name.localeCompare(b.name, language.tag));
    return found.slice(0, LISTED_CATEGORIES);
  }

  open() {
    const options = this.matches().map((row, i) => this.buildOption(row, i));
    const nothing = make("p", { class: "quiet empty" }, say("app.relabel.none"));
    this.list.replaceChildren(...(options.length > 0 ? options : [nothing]));
    this.list.hidden = false;
    this.list.toggleAttribute("data-above", innerHeight - this.field.getBoundingClientRect().bottom < ROOM_BELOW);
    this.field.setAttribute("aria-expanded", "true");
    this.move(this.field.value && options.length > 0 ? 0 : -1);
  }

  buildOption(row, i) {
    const data = { category: row.category_id, testid: `category-${row.category_id}` };
    return make("div", { id: `${this.stem}-${i}`, class: "option", role: "option", "aria-selected": "false", data },
      dot(cssColor(row.color)),
      make("span", {}, row.name),
      make("span", { class: "quiet option-kind" }, say(row.is_thing ? "app.segments.thing" : "app.segments.stuff")));
  }

  clear() {
    this.field.value = "";
    if (!this.list.hidden) this.open();
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  move(to) {
    const options = [...this.list.querySelectorAll(".option")];
    this.active = Math.min(options.length - 1, to);
    options.forEach((node, i) => node.setAttribute("aria-selected", String(i === this.active)));
    const node = options[this.active];
    if (!node) return;
    this.field.setAttribute("aria-activedescendant", node.id);
    keepInSight(this.list, node);
  }

  press(event) {
    if (event.key === "ArrowDown") this.move(this.active + 1);
    else if (event.key === "ArrowUp") this.move(Math.max(0, this.active - 1));
    else if (event.key === "Enter") this.take(this.list.querySelectorAll(".option")[this.active]);
    else if (event.key === "Escape") this.field.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(node) {
    if (!node) return;
    this.field.value = "";
    this.field.blur();
    this.chosen(Number(node.dataset.category));
  }
}
