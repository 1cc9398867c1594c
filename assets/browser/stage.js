// The picture with its result: which view is painted, what happens where one points, and the tool in hand.
//
// A tool is {name, cursor, down(point, event), move(point, event), up(point, event), cancel(), hover(point | null),
// draw(context, view)}. A point is {x, y, fx, fy}: the native pixel and the exact native place, which may lie beside the
// picture. A tool may have takesRight, where the right button means something, and words(point), what a click would do.
// draw() gets a context in CSS pixels of the window; view.toScreen(fx, fy) is [x, y] there, view.scale the CSS pixels of a
// native one, view.contains(point) whether it lies in the picture; it may answer the box that it drew in, or null where it
// drew nothing. Without a tool a click chooses.

const ALL = "all"; // instead of a box: everything is painted anew

class Stage {
  constructor(studio) {
    this.studio = studio;
    this.painter = new Painter(studio);
    this.viewport = new Viewport({ moved: () => this.invalidate() });
    this.minimap = new MiniMap(this.viewport);
    this.pointers = new Pointers(this.viewport, this);
    this.status = new StatusLine(studio, this);
    this.viewport.node.append(...this.painter.nodes, this.minimap.node);
    this.node = make("section", { class: "stage", "aria-label": say("app.stage.label") }, this.viewport.node,
      this.status.node);
    this.stale = {}; // of the next frame: box (native, or ALL), light, draft
    Object.assign(this, { place: null, tool: null, frame: null, loads: 0 });
    this.spaceTapped = null; // what Space does when nothing was dragged with it; a tool may set it
    this.lifted = null; // called when the last pointer is up
    this.companions = []; // who goes with the pointer: {pointed(place | null), clicked(place), moved(view)}
    this.listen();
    this.setTool(null);
  }

  listen() {
    const { studio } = this;
    studio.on("document", () => this.open());
    studio.on("state", (news) => this.follow(news));
    studio.on("pixels", (box) => this.invalidate(box));
    studio.on("view", () => this.load());
    studio.on("display", () => this.invalidate());
    studio.on("choice", () => (this.needsAll ? this.invalidate() : this.relight()));
    studio.on("details", () => (this.needsAll ? this.invalidate() : this.relight()));
    studio.on("hover", () => this.relight());
  }

  open() {
    const { height, width, picture, name } = this.studio.document;
    this.pointers.cancel();
    this.painter.forget();
    this.place = null;
    setWords(picture, "alt", say("app.stage.picture", { name }));
    this.viewport.plane.replaceChildren(picture, this.painter.preview);
    this.minimap.open(picture, { height, width });
    this.viewport.show(height, width);
  }

  /** Takes a tool in hand, or null to choose with. */
  setTool(tool) {
    this.pointers.cancel();
    this.tool = tool;
    const { node } = this.viewport;
    node.dataset.tool = tool?.name ?? "select";
    node.style.cursor = tool?.cursor ?? "";
    if (tool) this.studio.setHover(null);
    if (tool && this.studio.document && this.studio.view !== "panoptic") this.studio.setView("panoptic");
    this.redrawDraft();
  }

  /** Takes back what the tool is drawing; the pointer does nothing more until it is up. */
  cancel() {
    this.pointers.cancel();
  }

  /** Shows labels of a native box ahead of the server, until a reply or a refusal settles their key. */
  paintLocally(box, labels, key = null) {
    this.studio.paintLocally(box, labels, key);
  }

  /** True where the choice changes more than what is lit up. */
  get needsAll() {
    return this.studio.view === "query" || this.studio.display.alone;
  }

  get surface() {
    return this.painter.surface;
  }

  /** After a delta only its own segments can look different; anything else may have changed anything. */
  follow(news) {
    if (this.studio.view !== "panoptic" || !this.surface || !news) return void this.load();
    const { fills } = this.painter.colors;
    const before = news.segments.map((row) => fills[row.segment_id]);
    this.painter.setSurface(panopticSurface(this.studio));
    news.segments.forEach((row, i) => fills[row.segment_id] !== before[i] && this.invalidate(row.box_xyxy));
    this.mark({ light: true, names: true });
  }

  /** Fetches what the view shows and paints it; a later call overtakes an earlier one. */
  async load() {
    const { studio } = this;
    if (!studio.document) return;
    const load = (this.loads += 1);
    const later = { semantic: semanticSurface, instances: instanceSurface }[studio.view];
    let surface = studio.view === "panoptic" ? panopticSurface(studio) : null;
    if (later) surface = await studio.during(() => later(studio));
    if (load !== this.loads || (later && !surface)) return;
    this.painter.setSurface(surface);
    this.invalidate();
  }

  /** Asks for a native box, or everything, to be painted with the next frame. */
  invalidate(box = ALL) {
    this.mark({ box: box === ALL || this.stale.box === ALL ? ALL : hull(this.stale.box, box) });
  }

  relight() {
    this.mark({ light: true });
  }

  redrawDraft() {
    this.mark({ draft: true });
  }

  mark(stale) {
    Object.assign(this.stale, stale);
    this.frame ??= requestAnimationFrame(() => this.paint());
  }

  /** One frame: only what is stale. */
  paint() {
    this.frame = null;
    const { view } = this.viewport;
    if (!view || !this.studio.state) return;
    const { box, light, draft, names } = this.stale;
    this.stale = {};
    const all = box === ALL;
    if (all) this.paintAll(view);
    else if (box) this.painter.paintBox(view, box);
    if (light && !all) this.painter.relight(view);
    if (names && !all) this.painter.layNames(view);
    if (draft || all) this.painter.draft.paint(view, this.tool);
    this.status.tell();
  }

  paintAll(view) {
    const { brightness, contrast } = this.studio.display;
    const plain = brightness === 1 && contrast === 1;
    this.studio.document.picture.style.filter = plain ? "" : `brightness(${brightness}) contrast(${contrast})`;
    this.painter.paint(view);
    this.minimap.follow(view);
    for (const { moved } of this.companions) moved(view);
  }

  click(point) {
    const { studio, surface } = this;
    if (!studio.document || !this.viewport.view.contains(point)) return;
    for (const { clicked } of this.companions) clicked(point);
    const query = surface?.queryOf?.(surface.labels.at(point.x, point.y)) ?? null; // of an instance
    const segmentId = studio.labelMap.at(point.x, point.y);
    if (query !== null) studio.chooseQuery(query);
    else if (studio.segments.has(segmentId)) studio.chooseSegment(segmentId);
    else studio.choose({ kind: null });
  }

  /** The pointer is over a place, or has left; nothing is pressed. */
  hover(point) {
    if (!this.studio.document) return;
    this.place = point && this.viewport.view.contains(point) ? point : null;
    this.tool?.hover(point);
    if (!this.tool) this.pointAt(this.place ? this.studio.labelMap.at(point.x, point.y) : 0);
    for (const { pointed } of this.companions) pointed(this.place);
    this.mark({});
  }

  pointAt(label) {
    this.studio.setHover(this.studio.view === "panoptic" && this.studio.segments.has(label) ? label : null);
  }
}
