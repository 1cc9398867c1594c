// What can be done to the chosen segment's shape as a whole: a menu over the picture, and rows in the inspector.

const SHAPE_NUMBERS = { // the numbers one can set, in pixels
  islands: { first: 64, most: 1000000 },
  grow: { first: 2, most: 200 },
  smooth: { first: 2, most: 200 },
};
const SHAPE_ROWS = [ // edit, the number it takes, and its fields; a tool instead of an edit is taken in hand
  { name: "merge", tool: "merge" },
  { name: "cut", tool: "cut" },
  { name: "split_components" },
  { name: "fill_holes" },
  { name: "remove_islands", number: "islands", fields: (smaller_than) => ({ smaller_than }) },
  { name: "grow", number: "grow", fields: (pixels) => ({ pixels }) },
  { name: "shrink", kind: "grow", number: "grow", shared: true, fields: (pixels) => ({ pixels: -pixels }) },
  { name: "smooth", number: "smooth", fields: (radius) => ({ radius }) },
  { name: "fill_void", whole: true },
];

/** The rows; `place` tells the inspector's from the menu's, `acted` is called when a menu may close. */
class ShapeActions {
  constructor(toolbox, place = "", acted = () => {}) {
    Object.assign(this, { toolbox, acted, stem: place && `${place}-` });
    this.numbers = Object.fromEntries(Object.entries(SHAPE_NUMBERS).map(([name, range]) => (
      [name, numberField(name, range, this.stem)])));
    const rows = SHAPE_ROWS.filter(({ whole }) => !(whole && place));
    this.node = make("div", { class: "shape-rows" }, rows.map((row) => this.buildRow(row)));
  }

  buildRow(row) {
    const act = button({ class: "shape-act", data: { testid: `${this.stem}shape-${row.name}` },
      title: say(`app.shape.${row.name}_title`) }, () => this.act(row), say(`app.shape.${row.name}`));
    return make("div", { class: "shape-row", data: { row: row.name } }, act, row.number && !row.shared ? this.numbers[row.number] : null);
  }

  act(row) {
    const segmentId = row.whole ? null : this.toolbox.requireSegment();
    if (segmentId === null && !row.whole) this.acted();
    else if (row.tool) this.take(row);
    else this.edit(row, segmentId === null ? {} : { segment_id: segmentId });
  }

  take({ name, tool }) {
    this.toolbox.take(tool);
    this.toolbox.studio.notices.tell(say(`app.shape.${name}_how`));
    this.acted();
  }

  edit({ name, kind = name, number, fields }, target) {
    this.toolbox.edits.edit({ kind, ...target, ...fields?.(this.numberOf(number)) });
  }

  numberOf(name) {
    const { most } = SHAPE_NUMBERS[name];
    return clamp(Math.round(Number(this.numbers[name].value)) || 1, 1, most);
  }
}

class ShapeMenu {
  constructor(toolbox) {
    this.actions = new ShapeActions(toolbox, "", () => this.close());
    this.summary = make("summary", { class: "toggle", title: say("app.shape.title"), "data-testid": "shape" },
      say("app.shape.button"));
    this.panel = make("div", { class: "shape-panel", role: "group", "aria-label": say("app.shape.title") },
      this.actions.node);
    this.node = make("details", { class: "shape", on: {
      focusout: (event) => !this.node.contains(event.relatedTarget) && this.close(),
      keydown: (event) => this.press(event),
    } }, this.summary, this.panel);
  }

  press(event) {
    if (event.key !== "Escape" || !this.node.open) return;
    event.stopPropagation();
    this.close();
    this.summary.focus();
  }

  close() {
    this.node.open = false;
  }
}

function numberField(name, { first, most }, stem) {
  const words = say(`app.shape.number.${name}`);
  return make("input", { class: "field number-field", type: "number", min: 1, max: most, value: first,
    "aria-label": words, title: words, "data-testid": `${stem}number-${name}` });
}
