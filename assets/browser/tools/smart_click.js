// Smart click: clicks, strokes and boxes that the model answers with a shape. Each answer is an edit of its own.
//
// What is said about one segment is a sitting: its marks stay on the picture until it is accepted (Space, Enter, another
// segment, another tool) or dropped (Esc: everything it did is taken back).

class SmartClick {
  constructor(toolbox) {
    Object.assign(this, { toolbox, name: "smart", cursor: "crosshair", takesRight: true });
    this.best = new BestQueries(toolbox.studio);
    this.answers = new SmartAnswers(this);
    Object.assign(this, { press: null, sitting: null, at: null });
    toolbox.edits.takenBack = () => this.takeBack();
    toolbox.edits.onChange(() => this.sitting && toolbox.redraw()); // what is taken back loses its marks
    toolbox.studio.on("document", () => { this.sitting = null; });
    toolbox.studio.on("choice", () => this.followChoice());
  }

  /** Taken in hand: what the first click needs is made ready. */
  ready() {
    const { studio } = this.toolbox;
    if (!studio.document) return;
    this.best.load();
    this.answers.prepare();
  }

  /** Put away. */
  reset() {
    Object.assign(this, { press: null, at: null });
    this.sitting = null;
    this.best.show(null);
    this.toolbox.studio.setHover(null);
  }

  down(point, event) {
    const { studio, options } = this.toolbox;
    const takesAway = event.button === 2 || event.shiftKey || event.altKey || options.mode === "subtract";
    const boxed = event.ctrlKey || event.metaKey || options.boxed;
    this.press = { point, positive: !takesAway, boxed, isDrag: false, corner: cornerOf(point),
      reach: DRAG_PIXELS * (event.pointerType === "mouse" ? 1 : 2), places: [[point.x, point.y]] };
    studio.setHover(null);
    this.best.show(null);
    const prompt = promptOf(this.press, this.toolbox);
    if (prompt && !boxed) this.answers.foresee(this.foreseen(point, !takesAway), prompt);
  }

  /** The sitting that a click here would add to; null where there is nothing to say it about. */
  foreseen(point, positive) {
    const { toolbox: { edits, options, studio } } = this;
    const isNew = positive && options.mode === "new";
    if (this.sitting && !isNew) return this.sitting;
    if (!positive && chosenSegment(studio) === null) return null;
    return new Sitting(edits.outbox.trail, isNew ? null : this.meant(point, false), studio.choice.segment);
  }

  move(point) {
    const { press } = this;
    if (!press) return void this.hover(point);
    const away = Math.hypot(point.fx - press.point.fx, point.fy - press.point.fy) * this.toolbox.scale;
    press.isDrag ||= away >= press.reach;
    const [lastX, lastY] = press.places.at(-1);
    if (point.x !== lastX || point.y !== lastY) press.places.push([point.x, point.y]);
    press.corner = cornerOf(point);
    this.toolbox.redraw();
  }

  up(point) {
    const { press } = this;
    this.press = null;
    this.toolbox.redraw();
    const prompt = press && promptOf(press, this.toolbox);
    if (prompt) this.say(prompt, press);
    this.hover(point);
  }

  cancel() {
    this.press = null;
    this.toolbox.redraw();
  }

  /** Adds to what was said about a segment, or begins with another one. */
  say(prompt, { point, positive, boxed }) {
    const isNew = positive && this.toolbox.options.mode === "new";
    const sitting = isNew ? this.begin(null) : this.sitting ?? this.begin(this.targetOf(point, positive, boxed));
    if (!sitting) return;
    if (isNew) this.toolbox.set({ mode: "add" });
    sitting.add(prompt);
    this.answers.ask(sitting, prompt);
    this.toolbox.redraw();
  }

  /** @param target undefined where there is nothing to say it about */
  begin(target) {
    if (target === undefined) return null;
    this.answers.offer.close();
    const { edits, studio } = this.toolbox;
    this.sitting = new Sitting(edits.outbox.trail, target, studio.choice.segment);
    return this.sitting;
  }

  /** The segment that a prompt is about, null for a new one; undefined, and the person is told, where there is none. */
  targetOf(point, positive, boxed) {
    const { toolbox, toolbox: { studio } } = this;
    if (!positive && chosenSegment(studio) === null) return void toolbox.requireSegment();
    const target = this.meant(point, boxed);
    if (target === null) return null;
    studio.chooseSegment(target);
    return toolbox.requireSegment() ?? undefined;
  }

  /** The chosen segment, else the one that a click here refines, but a box none; null for a new one. */
  meant(point, boxed) {
    return chosenSegment(this.toolbox.studio) ?? (boxed ? null : this.under(point));
  }

  /** The segment that a click without a choice refines; null where it would begin a new one. */
  under(point) {
    const { studio, stage } = this.toolbox;
    const row = stage.viewport.view.contains(point) ? studio.segments.get(studio.labelMap.at(point.x, point.y)) : null;
    if (!row) return null;
    const query = this.best.at(point);
    const isUnused = query !== null && (studio.fates.get(query)?.segment_id ?? null) === null;
    return isUnused && !row.touched ? null : row.segment_id;
  }

  /** Ends the sitting; what it did stays. True where there was something to accept. */
  accept() {
    const { sitting } = this;
    this.sitting = null;
    this.toolbox.redraw();
    return sitting !== null && sitting.present.length > 0;
  }

  /** Takes back everything that was said, and with it what it did. True where there was something. */
  drop() {
    const { sitting, toolbox: { edits, studio } } = this;
    if (!this.accept()) return false;
    for (const prompt of sitting.present) if (prompt.pending) sitting.remove(prompt);
    this.answers.offer.close();
    const count = sitting.present.length;
    edits.after(() => {
      for (let { depth } = sitting; depth > 0; depth -= 1) edits.outbox.post({ name: "undo", fields: {}, quiet: true });
      if (count > 0) studio.notices.tell(say("app.smart.dropped", { count }));
    });
    return true;
  }

  /** Takes back the last prompt where no edit stands behind it; true where that was so. */
  takeBack() {
    const last = this.sitting?.present.at(-1);
    if (!last || last.gesture !== null) return false;
    this.sitting.remove(last);
    this.answers.offer.close();
    this.toolbox.redraw();
    return true;
  }

  /** Another segment was chosen: the sitting about the one before is accepted. */
  followChoice() {
    const { sitting, toolbox: { studio: { choice: { segment } } } } = this;
    if (!sitting) return;
    const isSame = sitting.target === null ? segment === null || segment === sitting.chosen : segment === sitting.target;
    if (isSame) return;
    this.sitting = null;
    this.toolbox.redraw();
  }

  key({ key, target }) {
    if (this.answers.offer.open || this.press) return false;
    if (key === "Escape") return this.drop();
    if (key !== "Enter" || target.closest("button, a, input, summary, [role=option]")) return false;
    return this.finish();
  }

  /** Space or Enter: accepted, and nothing chosen, so that the next click begins anew. */
  finish() {
    if (!this.accept()) return false;
    this.toolbox.studio.choose({ kind: null });
    return true;
  }

  hover(point) {
    const { studio, stage, options } = this.toolbox;
    this.at = point;
    if (!point || this.press || !stage.viewport.view.contains(point)) return void this.best.show(null);
    const target = this.sitting ? this.sitting.target : chosenSegment(studio);
    const isNew = options.mode === "new";
    const refined = target === null && !isNew ? this.under(point) : null;
    const query = target === null || isNew ? this.beginning(point) : this.best.at(point);
    const owner = studio.fates.get(query)?.segment_id ?? null;
    const isShown = refined === null && (isNew || target === null || owner !== target)
      && (isNew || studio.labelMap.at(point.x, point.y) !== target);
    studio.setHover(refined);
    this.best.show(isShown ? query : null, point);
  }

  /** The query that a new segment would begin with; null where none does, or where that one's segment lies already. */
  beginning(point) {
    const { studio } = this.toolbox;
    const query = this.best.at(point);
    const owner = studio.fates.get(query)?.segment_id ?? null;
    return owner !== null && owner === studio.labelMap.at(point.x, point.y) ? null : query;
  }

  /** What a click at a place would do, for the line under the picture. */
  words(point) {
    const { studio, options } = this.toolbox;
    const target = this.sitting ? this.sitting.target : chosenSegment(studio);
    if (options.mode !== "new" && target !== null) {
      const inside = studio.labelMap.at(point.x, point.y) === target;
      return say(inside || options.mode === "subtract" ? "app.smart.inside" : "app.smart.add", { id: target });
    }
    const refined = options.mode === "new" ? null : this.under(point);
    if (refined !== null) {
      return say("app.smart.refine", { id: refined, name: className(studio, studio.segments.get(refined)) });
    }
    const query = this.beginning(point);
    return query === null ? say("app.smart.new") : sayOf(studio, "app.smart.new_of", { query, name: nameOfQuery(studio, query) });
  }

  draw(context, view) {
    for (const prompt of this.sitting?.present ?? []) drawPrompt(context, view, prompt);
    if (this.press?.isDrag) drawPrompt(context, view, promptOf(this.press, this.toolbox) ?? {});
  }

  /** A segment that was made by a click has its real id now. */
  rename(from, to) {
    const { shortlists } = this.toolbox.studio;
    if (shortlists.has(from) && to !== null) shortlists.set(to, shortlists.get(from));
    shortlists.delete(from);
    this.answers.rename(from, to);
  }
}

function nameOfQuery(studio, query) {
  const row = studio.queries?.rowOf.get(query);
  return row ? studio.category(row.category_id).name : "";
}
