// The bar of tools over the picture: what is in hand, what it does, how broad it is.

const FROM_ANSWER = "answer"; // the class that the answer to a click finds likeliest

class ToolStrip {
  constructor(toolbox, keymap) {
    Object.assign(this, { toolbox, studio: toolbox.studio, keymap });
    this.shapes = new ShapeMenu(toolbox, keymap);
    this.build();
    toolbox.onChange(() => this.follow());
    keymap.onChange(() => this.name());
    for (const event of ["document", "state"]) this.studio.on(event, () => this.fillClasses());
  }

  build() {
    this.tools = TOOL_NAMES.map((name) => button({ class: "icon-button tool", role: "radio",
      data: { testid: `tool-${name}`, tool: name } }, (event) => this.press(event, name), icon(name)));
    this.modes = MODES.map((mode) => button({ class: "segmented-choice", role: "radio",
      data: { testid: `mode-${mode}`, mode } }, (event) => this.turn(event, mode), say(`app.tools.mode.${mode}`)));
    this.node = make("div", { class: "tool-strip", role: "toolbar", "aria-label": say("app.tools.label") },
      radioGroup(say("app.tools.label"), "tools", this.tools),
      radioGroup(say("app.tools.mode.label"), "segmented modes", this.modes),
      this.buildSize(), this.buildOnlyVoid(), this.buildBoxed(), this.buildClass(), this.shapes.node);
    this.name();
    this.follow();
  }

  buildSize() {
    this.size = make("input", { type: "range", min: 0, max: 1, step: 0.005, "aria-label": say("app.tools.size"),
      title: say("app.tools.size"), "data-testid": "brush-size",
      on: { input: () => this.toolbox.set({ size: sizeOf(Number(this.size.value)) }) } });
    this.number = make("span", { class: "slider-number" });
    return make("label", { class: "slider brush-size" }, this.size, this.number);
  }

  buildOnlyVoid() {
    this.onlyVoid = toggle(say("app.tools.only_void"), false, (onlyVoid) => this.toolbox.set({ onlyVoid }),
      { "data-testid": "only-void" });
    return this.onlyVoid;
  }

  buildBoxed() {
    this.boxed = toggle(say("app.tools.boxed"), false, (boxed) => this.toolbox.set({ boxed }), { "data-testid": "boxed" });
    return this.boxed;
  }

  buildClass() {
    this.fromAnswer = make("option", { value: FROM_ANSWER }, say("app.tools.class.from_answer"));
    this.classes = make("select", { "aria-label": say("app.tools.class"), title: say("app.tools.class"),
      "data-testid": "new-class", on: { change: () => this.setClass(this.classes.value) } });
    return this.classes;
  }

  /** Of what is painted, or of what is clicked, where it can be left to the answer. */
  setClass(value) {
    const category = value === FROM_ANSWER ? null : Number(value);
    this.toolbox.set(this.toolbox.name === "smart" ? { clickCategory: category } : { category });
  }

  /** With the mouse the keys stay with the picture; a tool reached by keys keeps the focus. */
  press(event, name) {
    this.toolbox.take(name);
    this.backToPicture(event);
  }

  turn(event, mode) {
    this.toolbox.set({ mode });
    this.backToPicture(event);
  }

  backToPicture(event) {
    if (event.detail > 0) this.toolbox.stage.viewport.node.focus({ preventScroll: true });
  }

  /** Words and keys of the buttons. */
  name() {
    for (const node of this.tools) setTitle(node, say(`app.tools.${node.dataset.tool}`), this.keymap.of(node.dataset.tool));
    for (const node of this.modes) setWords(node, "title", say(`app.tools.mode.${node.dataset.mode}_title`));
    setWords(this.onlyVoid, "title", titled(say("app.tools.only_void_title"), this.keymap.of("only_void")));
    setWords(this.boxed, "title", titled(say("app.tools.boxed_title"), this.keymap.of("boxed")));
  }

  fillClasses() {
    const rows = this.studio.taxonomy ?? [];
    const said = rows.map((row) => `${row.category_id} ${row.name}`).join("|");
    if (said === this.said) return;
    this.said = said;
    this.classes.replaceChildren(this.fromAnswer, ...rows.map((row) => make("option", { value: row.category_id }, row.name)));
    this.follow();
  }

  follow() {
    const { toolbox: { name, options }, studio } = this;
    checkRadios(this.tools, (node) => node.dataset.tool === name);
    checkRadios(this.modes, (node) => node.dataset.mode === options.mode);
    this.onlyVoid.setAttribute("aria-pressed", String(options.onlyVoid));
    this.size.value = shareOf(options.size);
    this.size.style.setProperty("--share", shareOf(options.size));
    setWords(this.size, "aria-valuetext", say("app.segments.pixels", { count: options.size }));
    this.number.textContent = options.size;
    const clicks = name === "smart";
    this.size.parentElement.hidden = this.onlyVoid.hidden = clicks || name === "alike";
    this.boxed.hidden = !clicks;
    this.boxed.setAttribute("aria-pressed", String(options.boxed));
    if (!studio.taxonomy) return;
    this.fromAnswer.hidden = this.fromAnswer.disabled = !clicks;
    this.classes.value = clicks ? options.clickCategory ?? FROM_ANSWER : this.toolbox.category;
  }
}

/** Fine steps for fine brushes: the slider's share grows with the logarithm of the size. */
function sizeOf(share) {
  return SIZES.least * (SIZES.most / SIZES.least) ** share;
}

function shareOf(size) {
  return Math.log(size / SIZES.least) / Math.log(SIZES.most / SIZES.least);
}

/** Radio buttons of which Tab reaches one and the arrow keys the others. */
function radioGroup(label, style, radios) {
  const step = (event) => {
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const next = radios[(radios.indexOf(event.target.closest("[role=radio]")) + move + radios.length) % radios.length];
    next.click();
    next.focus();
  };
  return make("div", { class: style, role: "radiogroup", "aria-label": label, on: { keydown: step } }, radios);
}

function checkRadios(radios, isChecked) {
  const none = !radios.some(isChecked);
  radios.forEach((node, i) => {
    node.setAttribute("aria-checked", String(isChecked(node)));
    node.tabIndex = isChecked(node) || (none && i === 0) ? 0 : -1;
  });
}

function titled(words, chord) {
  return chord ? joined([words, " (", chordWords(chord), ")"], "") : words;
}

function setTitle(node, words, chord) {
  setWords(node, "aria-label", words);
  setWords(node, "title", titled(words, chord));
}
