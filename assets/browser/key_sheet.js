// The sheet that "?" shows: every key, and a press away another one.

const KEY_GROUPS = {
  tools: ["select", "smart", "smart_minus", "smart_box", "boxed", "brush", "eraser", "polygon", "lasso", "rectangle",
    "fill", "pick", "finer", "broader", "subtract", "new", "only_void"],
  segment: ["confirm", "next", "previous", "digits", "category", "protect", "alike", "delete_next", "delete_void",
    "undo", "redo"],
  shape: SHAPE_ROWS.map(({ name }) => name),
  picture: ["click", "arrows", "alternatives", "modifiers", "wheel", "alone", "outlines", "names", "fainter", "stronger",
    "zoom_in", "zoom_out", "fit", "exact", "model", "explain", "escape", "help"],
};

class KeySheet {
  constructor(keymap) {
    this.keymap = keymap;
    this.waiting = null; // the action that the next key is for
    this.note = make("p", { class: "key-note", role: "status", "data-testid": "key-note" });
    this.columns = make("div", { class: "key-groups" });
    this.node = make("dialog", { class: "dialog key-sheet", "aria-label": say("app.keys.title"),
      data: { testid: "key-sheet" }, on: {
        click: (event) => event.target === this.node && this.node.close(),
        keydown: (event) => this.press(event),
        close: () => this.wait(null),
      } }, this.buildBody());
    this.fill();
  }

  buildBody() {
    const reset = button({ class: "button", data: { testid: "keys-reset" } }, () => this.reset(), say("app.keys.reset"));
    return make("div", { class: "dialog-body" },
      make("header", { class: "dialog-head" }, make("h3", {}, say("app.keys.title")),
        iconButton("close", say("app.close"), () => this.node.close())),
      make("p", { class: "quiet" }, say("app.keys.where")), this.columns,
      make("div", { class: "key-foot" }, this.note, reset));
  }

  open() {
    this.fill();
    this.tell(say("app.keys.how"));
    this.node.showModal();
  }

  fill() {
    this.columns.replaceChildren(...Object.entries(KEY_GROUPS).map(([group, rows]) => make("section", {},
      make("h5", {}, say(`app.keys.group.${group}`)),
      make("dl", { class: "keys" }, rows.flatMap((row) => [make("dt", {}, this.buildKey(row)),
        make("dd", {}, say(`app.keys.${row}`))])))));
  }

  /** A button for a key that can be another one; the rest is as it is. */
  buildKey(row) {
    if (!(row in DEFAULT_KEYS)) return keyCaps(say(`app.keys.${row}.keys`));
    const words = chordWords(this.keymap.of(row));
    return button({ class: "key-button", "aria-label": say("app.keys.change", { what: say(`app.keys.${row}`), keys: words }),
      data: { testid: `key-${row}`, action: row } }, () => this.wait(row), keyCaps(words));
  }

  wait(action) {
    this.waiting = action;
    for (const node of this.columns.querySelectorAll(".key-button")) {
      node.toggleAttribute("data-waiting", node.dataset.action === action);
    }
    if (action) this.tell(say("app.keys.press", { what: say(`app.keys.${action}`) }));
  }

  press(event) {
    if (!this.waiting || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const action = this.waiting;
    this.wait(null);
    if (event.key === "Escape") this.tell(say("app.keys.how"));
    else this.bind(action, chordOf(event));
  }

  bind(action, chord) {
    const { keymap } = this;
    const keys = chordWords(chord);
    const other = keymap.action(chord);
    const fixed = /^([1-9]|Enter|Arrow.*)$/.test(chord);
    if (fixed || (other && other !== action)) {
      this.tell(say("app.keys.taken", { keys, what: say(`app.keys.${other ?? "fixed"}`) }));
      return;
    }
    keymap.bind(action, chord);
    this.fill();
    this.columns.querySelector(`[data-action="${action}"]`).focus();
    this.tell(say("app.keys.bound", { keys, what: say(`app.keys.${action}`) }));
  }

  reset() {
    this.keymap.reset();
    this.fill();
    this.tell(say("app.keys.were_reset"));
  }

  tell(sentence) {
    write(this.note, sentence);
  }
}

/** A cap for each key that is to be pressed. */
function keyCaps(words) {
  return String(words).split(" ").map((key) => make("kbd", {}, key));
}
