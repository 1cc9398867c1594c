// What can be done to the chosen segment's shape as a whole.

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

class ShapeMenu {
  constructor(toolbox) {
    this.toolbox = toolbox;
    this.numbers = Object.fromEntries(Object.entries(SHAPE_NUMBERS).map(([name, range]) => [name, numberField(name, range)]));
    this.summary = make("summary", { class: "toggle", title: say("app.shape.title"), "data-testid": "shape" },
      say("app.shape.button"));
    this.panel = make("div", { class: "shape-panel", role: "group", "aria-label": say("app.shape.title") },
      SHAPE_ROWS.map((row) => this.buildRow(row)));
    this.node = make("details", { class: "shape", on: {
      focusout: (event) => !this.node.contains(event.relatedTarget) && this.close(),
      keydown: (event) => this.press(event),
    } }, this.summary, this.panel);
  }

  buildRow(row) {
    const act = button({ class: "shape-act", data: { testid: `shape-${row.name}` }, title: say(`app.shape.${row.name}_title`) },
      () => this.act(row), say(`app.shape.${row.name}`));
    return make("div", { class: "shape-row" }, act, row.number && !row.shared ? this.numbers[row.number] : null);
  }

  act({ name, kind = name, tool, number, fields, whole }) {
    const { toolbox } = this;
    const segmentId = whole ? null : toolbox.requireSegment();
    if (!whole && segmentId === null) return void this.close();
    if (tool) toolbox.take(tool);
    else toolbox.edits.edit({ kind, ...(whole ? {} : { segment_id: segmentId }), ...fields?.(this.numberOf(number)) });
    if (tool) toolbox.studio.notices.tell(say(`app.shape.${name}_how`));
    if (tool) this.close();
  }

  numberOf(name) {
    const { most } = SHAPE_NUMBERS[name];
    return clamp(Math.round(Number(this.numbers[name].value)) || 1, 1, most);
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

function numberField(name, { first, most }) {
  return make("input", { class: "field number-field", type: "number", min: 1, max: most, value: first,
    "aria-label": say(`app.shape.number.${name}`), title: say(`app.shape.number.${name}`), "data-testid": `number-${name}` });
}
