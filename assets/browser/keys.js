// Keys act while the focus is in the workbench and not in a text field; Escape closes, clears, then releases.

class Keys {
  constructor({ root, studio, edits, stage, list, inspector, keySheet, modelSwitch, toolbox, keymap, tour, explain }) {
    Object.assign(this, { root, studio, edits, stage, list, inspector, keySheet, modelSwitch, toolbox, keymap, tour, explain });
    this.acts = this.buildActs();
    root.addEventListener("keydown", (event) => this.press(event));
    addEventListener("keyup", (event) => this.lift(event));
    addEventListener("blur", () => toolbox.letGo());
    stage.spaceTapped = () => (toolbox.claims.open || keymap.of("confirm") === " ") && this.confirm();
  }

  buildActs() {
    const { studio, edits, toolbox, stage } = this;
    const show = (name) => () => studio.setDisplay({ [name]: !studio.display[name] });
    const remove = (fill) => this.onSegment((segment) => edits.remove(segment, fill));
    const tools = Object.fromEntries(TOOL_NAMES.map((name) => [name, () => toolbox.take(name)]));
    const shapes = Object.fromEntries(SHAPE_ROWS.map((row) => [row.name, () => actOnShape(toolbox, row)]));
    const fade = (by) => () => studio.setDisplay({ opacity: clamp(studio.display.opacity + by, 0, 1) });
    return {
      ...tools,
      ...shapes,
      select: () => (toolbox.take("select"), stage.viewport.node.focus({ preventScroll: true })),
      eraser: () => toolbox.hold("eraser"),
      finer: () => toolbox.resize(-1),
      broader: () => toolbox.resize(1),
      subtract: () => toolbox.turn("subtract"),
      new: () => toolbox.turn("new"),
      only_void: () => toolbox.set({ onlyVoid: !toolbox.options.onlyVoid }),
      boxed: () => toolbox.set({ boxed: !toolbox.options.boxed }),
      alike: () => toolbox.tools.alike.find(),
      confirm: () => this.confirm(),
      next: () => this.tour.walk(1),
      previous: () => this.tour.walk(-1),
      protect: this.onSegment((segment) => edits.lock(segment, !studio.segments.get(segment).locked)),
      category: this.onSegment(() => this.inspector.segment.search.field.focus()),
      delete_next: remove("next"),
      delete_void: remove("void"),
      undo: () => edits.undo(),
      redo: () => edits.redo(),
      alone: show("alone"),
      outlines: show("outlines"),
      names: show("names"),
      fainter: fade(-0.1),
      stronger: fade(0.1),
      zoom_in: () => stage.viewport.zoomIn(),
      zoom_out: () => stage.viewport.zoomOut(),
      fit: () => stage.viewport.fit(),
      exact: () => stage.viewport.showExact(),
      model: () => this.modelSwitch.menu.show(),
      explain: () => this.explain.toggle(),
      help: () => this.keySheet.open(),
    };
  }

  press(event) {
    if (!this.studio.state || event.defaultPrevented || isTextField(event.target)
      || event.target.closest("dialog")) return;
    const act = this.actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  actOf(event) {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    const plain = !ctrlKey && !altKey && !metaKey;
    const onPicture = target === this.stage.viewport.node;
    if (plain && this.toolbox.key(event)) return () => {};
    if (plain && key.startsWith("Arrow") && onPicture) return () => this.step(key);
    if (plain && /^[1-9]$/.test(key)) return this.onSegmentNow(() => this.inspector.segment.press(Number(key)));
    if (key === "Escape") return () => this.release();
    const action = this.keymap.meaning(event);
    if (!action || !this.isFree(event, onPicture) || (event.repeat && action === "eraser")) return null;
    return this.acts[action];
  }

  /** Tab belongs to the page except on the picture, and back except on the tour; a space presses what has the focus, and moves the picture. */
  isFree({ key, shiftKey, target }, onPicture) {
    if (key === "Tab") return onPicture && (!shiftKey || this.tour.isOn);
    if (key === "Enter" || key === " ") return !onPicture && !target.closest("button, a, input, summary, [role=option]");
    return true;
  }

  lift(event) {
    if (this.toolbox.held && this.keymap.meaning(event) === "eraser") this.toolbox.letGo();
  }

  /** An act with the chosen segment; it does nothing where none is chosen. */
  onSegment(act) {
    return () => this.onSegmentNow(act)?.();
  }

  onSegmentNow(act) {
    const { kind, segment } = this.studio.choice;
    return kind === "segment" ? () => act(segment) : null;
  }

  /** The next or previous segment in the order of the list. */
  step(key) {
    const rows = this.list.ordered();
    if (rows.length === 0) return;
    const from = rows.findIndex((row) => row.segment_id === this.studio.choice.segment);
    const back = key === "ArrowLeft" || key === "ArrowUp";
    const to = from === -1 && back ? rows.length - 1 : (from + (back ? -1 : 1) + rows.length) % rows.length;
    this.studio.chooseSegment(rows[to].segment_id);
  }

  /** Takes what is shown or under way; else the chosen segment is reviewed, and the next doubtful one is chosen. */
  confirm() {
    const { toolbox, tour, studio } = this;
    if (toolbox.claims.open) return void toolbox.claims.take();
    if (toolbox.confirm(tour.isOn)) return;
    const segment = chosenSegment(studio);
    if (segment !== null && !tour.isReviewed(segment)) tour.review(segment);
    tour.walk(1);
  }

  release() {
    const { toolbox, studio } = this;
    if (toolbox.abandon()) return;
    if (toolbox.name !== "select") toolbox.take("select");
    else if (this.explain.isOpen) this.explain.close();
    else if (studio.choice.kind !== null) studio.choose({ kind: null });
    else document.activeElement?.blur();
  }
}
