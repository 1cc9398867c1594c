// Which tool is in hand, how it is set, and what its gestures do to the document.

const TOOL_NAMES = ["select", "smart", "brush", "eraser", "polygon", "lasso", "rectangle", "fill", "pick"];
const MODES = ["add", "subtract", "new"];
const SIZES = { least: 1, most: 400, first: 24 };
const TAP = 250; // milliseconds: a key held longer gives the tool back when it is let go

class Toolbox {
  constructor(studio, edits, stage, work) {
    Object.assign(this, { studio, edits, stage, work });
    this.options = { size: SIZES.first, mode: "add", onlyVoid: false, category: null, clickCategory: null, boxed: false };
    this.shapeNumbers = { islands: 64, grow: 2, smooth: 2 }; // pixels
    this.listeners = [];
    this.claims = new Claims(this);
    this.offer = new Offer(stage);
    const [brush, eraser] = ["brush", "eraser"].map((name) => new Brush(this, name));
    this.tools = { select: null, smart: new SmartClick(this), brush, eraser,
      polygon: new Polygon(this, "polygon"), lasso: new Lasso(this, "lasso"),
      rectangle: new Rectangle(this, "rectangle"), fill: new FillTool(this), pick: new Pick(this.claims),
      cut: new Cut(this, "cut"), merge: new MergeTool(this), alike: new Alike(this) };
    Object.assign(this, { name: "select", previous: "select", held: null, gesture: null, next: null });
    stage.lifted = () => this.next && this.take(this.next);
    edits.outbox.newcomers.settled = (label, id) => this.rename(label, id);
    studio.on("document", () => this.open());
    studio.on("choice", () => this.followChoice());
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  open() {
    this.coverage = null;
    Object.assign(this.options, { category: null, clickCategory: null });
    this.take("select");
  }

  /** New segments get the class of the one chosen last. */
  followChoice() {
    const row = this.studio.segments.get(chosenSegment(this.studio));
    if (row) this.options.category = row.category_id;
    this.changed();
  }

  get tool() {
    return this.tools[this.name];
  }

  /** CSS pixels of a picture's pixel. */
  get scale() {
    return this.stage.viewport.view?.scale ?? 1;
  }

  redraw() {
    this.stage.redrawDraft();
  }

  /** A stroke that is under way goes on with its tool, and the other is taken in hand once it is done. */
  take(name) {
    const drawing = this.stage.pointers.act === "tool";
    this.next = drawing ? name : null;
    if (drawing) return;
    if (name !== this.name) this.previous = this.name;
    this.tool?.reset?.();
    this.claims.close();
    this.offer.close();
    this.name = name;
    this.stage.setTool(this.tool);
    this.tool?.ready?.();
    this.changed();
  }

  takePrevious() {
    this.take(this.previous);
  }

  /** A key went down that holds a tool: until it comes up, or for good if it was only tapped. */
  hold(name) {
    this.held = { back: this.name, since: performance.now() };
    this.take(name);
  }

  letGo() {
    if (this.held && performance.now() - this.held.since > TAP) this.take(this.held.back);
    this.held = null;
  }

  set(change) {
    Object.assign(this.options, change);
    this.options.size = clamp(Math.round(this.options.size), SIZES.least, SIZES.most);
    this.redraw();
    this.changed();
  }

  /** One notch broader (1) or finer (-1). */
  resize(direction) {
    const { size } = this.options;
    this.set({ size: size + direction * Math.max(1, Math.round(size * 0.15)) });
  }

  turn(mode) {
    this.set({ mode: this.options.mode === mode ? "add" : mode });
  }

  /** The class that a new segment gets. */
  get category() {
    return this.options.category ?? this.studio.taxonomy[0].category_id;
  }

  /** What a gesture with these keys held does: Alt takes away, Shift opens a new segment. */
  modeOf({ altKey = false, shiftKey = false } = {}) {
    if (altKey) return "subtract";
    return shiftKey ? "new" : this.options.mode;
  }

  /** A gesture from a point on, or null where it cannot be; the person is told why. */
  begin(point, event, mode = this.modeOf(event)) {
    const aim = this.aim(point, mode);
    if (!aim) return null;
    this.coverage ??= new Coverage(this.studio.document);
    this.gesture = new Gesture(this, aim);
    if (mode === "new" && this.options.mode === "new") this.set({ mode: "add" });
    return this.gesture;
  }

  aim({ x, y }, mode) {
    const { studio, options: { onlyVoid } } = this;
    if (mode === "erase") return eraseAim(studio);
    if (mode === "new" || (mode === "add" && chosenSegment(studio) === null)) {
      const { category } = this;
      const makes = this.edits.outbox.newcomers.open(category, [x, y]);
      return paintAim(studio, makes, { category_id: category }, { onlyVoid, makes });
    }
    const segmentId = this.requireSegment();
    if (segmentId === null) return null;
    if (mode === "subtract") return subtractAim(studio, segmentId);
    return paintAim(studio, segmentId, { segment_id: segmentId }, { onlyVoid });
  }

  /** The chosen segment, unless it is protected; null and a sentence otherwise. */
  requireSegment() {
    const { studio } = this;
    const segmentId = chosenSegment(studio);
    const locked = studio.segments.get(segmentId)?.locked;
    if (segmentId === null) studio.notices.tell(say("app.tools.choose_first"));
    else if (locked) studio.notices.tell(say("app.tools.locked", { id: segmentId }));
    return locked ? null : segmentId;
  }

  /** A key for what is being drawn or picked, before any other meaning; true where it had one. */
  key(event) {
    return this.offer.key(event) || this.claims.key(event) || this.tool?.key?.(event) || false;
  }

  /**
   * Space: what is offered or under way is accepted; true where that is all that Space does.
   * @param goesOn true on the tour: what is under way is accepted, and Space goes on to the next segment
   */
  confirm(goesOn) {
    const { offer, tool } = this;
    if (offer.open) {
      offer.answers.take();
      return true;
    }
    if (!goesOn) return tool?.finish?.() ?? false;
    tool?.accept?.();
    return false;
  }

  /** A segment that was drawn or clicked just before has its real id now (or none, null). */
  rename(label, id) {
    if (id !== null) this.gesture?.rename(label, id);
    this.tools.smart.rename(label, id);
  }

  /** Drops what is being drawn; true where there was something. */
  abandon() {
    const { pointers } = this.stage;
    if (pointers.act !== "tool") return false;
    this.stage.cancel();
    return true;
  }
}
