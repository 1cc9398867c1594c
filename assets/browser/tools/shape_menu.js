// What can be done to the chosen segment's shape as a whole: a menu over the picture, and rows in the inspector.

const SHAPE_LIMITS = { islands: 1000000, grow: 200, smooth: 200 }; // of the numbers one can set, in pixels
const SHAPE_ROWS = [ // edit, the number it takes, and its fields; or a tool that is taken in hand, or what is asked first
  { name: "merge", tool: "merge" },
  { name: "cut", tool: "cut" },
  { name: "split_components" },
  { name: "fill_holes" },
  { name: "remove_islands", number: "islands", fields: (smaller_than) => ({ smaller_than }) },
  { name: "grow", number: "grow", fields: (pixels) => ({ pixels }) },
  { name: "shrink", kind: "grow", number: "grow", shared: true, fields: (pixels) => ({ pixels: -pixels }) },
  { name: "smooth", number: "smooth", fields: (radius) => ({ radius }) },
  { name: "fill_void", whole: true },
  { name: "assist", whole: true, ask: askAssistant },
];

/** Does what a row says with the chosen segment; where none is chosen, the person is told. */
function actOnShape(toolbox, { name, kind = name, tool, number, fields, whole, ask }) {
  const segmentId = whole ? null : toolbox.requireSegment();
  if (segmentId === null && !whole) return;
  if (ask) ask(toolbox);
  else if (tool) {
    toolbox.take(tool);
    toolbox.studio.notices.tell(say(`app.shape.${name}_how`));
  } else {
    const target = whole ? {} : { segment_id: segmentId };
    toolbox.edits.edit({ kind, ...target, ...fields?.(toolbox.shapeNumbers[number]) });
  }
}

/** The rows; `place` tells the inspector's from the menu's, `left` is called when a menu has nothing more to show. */
class ShapeActions {
  constructor(toolbox, keymap, place = "", left = () => {}) {
    Object.assign(this, { toolbox, keymap, left, stem: place && `${place}-` });
    this.numbers = Object.fromEntries(Object.keys(SHAPE_LIMITS).map((name) => [name, this.buildNumber(name)]));
    const rows = SHAPE_ROWS.filter(({ whole }) => !(whole && place));
    this.buttons = new Map(rows.map((row) => [row, this.buildButton(row)]));
    this.node = make("div", { class: "shape-rows" }, rows.map((row) => make("div", { class: "shape-row",
      data: { row: row.name } }, this.buttons.get(row), row.number && !row.shared ? this.numbers[row.number] : null)));
    toolbox.onChange(() => this.follow());
    keymap.onChange(() => this.follow());
    this.follow();
  }

  buildButton(row) {
    return button({ class: "shape-act", data: { testid: `${this.stem}shape-${row.name}` } }, () => this.act(row),
      say(`app.shape.${row.name}`));
  }

  buildNumber(name) {
    const words = say(`app.shape.number.${name}`);
    const most = SHAPE_LIMITS[name];
    const node = make("input", { class: "field number-field", type: "number", min: 1, max: most, "aria-label": words,
      title: words, "data-testid": `${this.stem}number-${name}`, on: { change: () => {
        this.toolbox.shapeNumbers[name] = clamp(Math.round(Number(node.value)) || 1, 1, most);
        this.toolbox.changed();
      } } });
    return node;
  }

  follow() {
    for (const [name, node] of Object.entries(this.numbers)) {
      if (node !== document.activeElement) node.value = this.toolbox.shapeNumbers[name];
    }
    for (const [{ name }, node] of this.buttons) {
      setWords(node, "title", titled(say(`app.shape.${name}_title`), this.keymap.of(name)));
    }
  }

  act(row) {
    actOnShape(this.toolbox, row);
    if (row.tool || row.ask || (!row.whole && chosenSegment(this.toolbox.studio) === null)) this.left();
  }
}

class ShapeMenu {
  constructor(toolbox, keymap) {
    this.actions = new ShapeActions(toolbox, keymap, "", () => this.close());
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
