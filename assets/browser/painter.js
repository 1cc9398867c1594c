// The layers over the picture: labels or heat, what is lit up, the names, and the draft of the tool in hand.

/** The canvas on which a tool draws what is not painted yet. */
class Draft {
  constructor() {
    this.canvas = make("canvas", { class: "layer draft", "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
    this.drawn = null; // the box in CSS pixels to clear before the next draft
  }

  paint(view, tool) {
    this.fit(view);
    const [x0, y0, x1, y1] = this.drawn ?? [0, 0, 0, 0];
    this.context.clearRect(x0, y0, x1 - x0, y1 - y0);
    const box = tool ? tool.draw(this.context, view) : null;
    this.drawn = box === undefined ? [0, 0, view.room.width, view.room.height] : box;
  }

  fit({ canvas: { height, width }, density }) {
    if (this.canvas.height === height && this.canvas.width === width && this.density === density) return;
    Object.assign(this.canvas, { height, width }); // that clears it, too
    Object.assign(this.canvas.style, { height: `${height / density}px`, width: `${width / density}px` });
    this.context.setTransform(density, 0, 0, density, 0, 0);
    Object.assign(this, { density, drawn: null });
  }
}

class Painter {
  constructor(studio) {
    this.studio = studio;
    this.base = new Layer("base");
    this.light = new Light();
    this.draft = new Draft();
    this.names = new Names();
    this.colors = new ColorTable();
    this.preview = make("div", { class: "preview", hidden: true, "aria-hidden": "true" });
    this.nodes = [this.base.canvas, this.light.layer.canvas, this.names.node, this.draft.canvas];
    this.forget();
  }

  /** Another picture: nothing of the last one stays. */
  forget() {
    this.surface = null;
    this.heats = {}; // enlarged values by what they are shown for: the choice, or the hint
  }

  setSurface(surface) {
    this.surface = surface;
    this.dress();
  }

  /** The colours of the surface as they are shown now. */
  dress() {
    if (!this.surface) return;
    const { alone, opacity } = this.studio.display;
    this.colors.set(alone ? this.onlyChosen(this.surface.colors) : this.surface.colors, opacity);
  }

  onlyChosen(colors) {
    const { segment } = this.studio.choice;
    const hides = this.studio.view === "panoptic" && this.studio.segments.has(segment);
    return hides ? [[segment, this.studio.segmentColor(segment)]] : colors;
  }

  /** Everything anew. */
  paint(view) {
    this.dress();
    this.base.fit(view);
    this.preview.hidden = true;
    if (this.surface) this.paintLabels(view, view.canvasBox);
    else this.paintQuery(view);
    this.paintLight(view, view.canvasBox);
    this.layNames(view);
  }

  /** A native box of labels, and the rims near it. */
  paintBox(view, box) {
    if (this.surface) this.paintLabels(view, view.covering(box, view.line));
    this.paintLight(view, view.covering(box, RIM_LINES * view.line));
  }

  paintLabels(view, box) {
    paintLabels(this.base, view, this.surface.labels.labels, this.colors, this.studio.display.outlines, box);
  }

  /** The chosen query's heat; its tile stands in until the heat has come. */
  paintQuery(view) {
    const { queries, sprite, choice: { query }, details, display } = this.studio;
    const values = this.heatOf(details?.get(query), view);
    this.preview.hidden = values !== null || query === null || queries === null;
    if (!this.preview.hidden) showTile(this.preview, queries, sprite, query);
    if (values !== null && display.heat) return void paintHeat(this.base, view, values);
    this.base.clear(view.canvasBox);
    this.base.show(view.canvasBox);
  }

  /** The values of a query's details on the canvas, or null until they have come. */
  heatOf(detail, view, purpose = "choice") {
    if (!detail) return null;
    const { moves } = view;
    const last = this.heats[purpose];
    if (last?.detail !== detail || last.view !== view || last.moves !== moves) {
      this.heats[purpose] = { detail, view, moves, values: enlarge(detail, view) };
    }
    return this.heats[purpose].values;
  }

  paintLight(view, box) {
    this.light.fit(view);
    this.light.paint(view, this.lit(view), box);
  }

  /** Other segments are lit: only where one was lit, or is now, does anything change. */
  relight(view) {
    this.light.fit(view);
    this.light.move(view, this.lit(view));
  }

  lit(view) {
    return [...this.litChoice(view), ...this.litHint(view), ...this.litGhosts(view)];
  }

  /** The query that a click would begin with. */
  litHint(view) {
    const { hint, hintPart, details } = this.studio;
    const values = hint === null ? null : this.heatOf(hintPart ?? details.get(hint), view, "hint");
    if (values === null) return [];
    return [{ fill: (region, box) => regionOfHeat(region, view, values, box), box: view.canvasBox,
      marks: { wash: true, dash: true } }];
  }

  litGhosts(view) {
    return this.studio.ghosts.map((shape) => ({ fill: (region, box) => regionOfMask(region, view, shape, box),
      box: view.covering(shape.box), marks: { tint: shape.tint, dash: true } }));
  }

  /** The segment pointed at; the rim of the chosen segment, or of the chosen query's own mask. */
  litChoice(view) {
    const { choice, hover, view: shown, segments, details } = this.studio;
    const lit = shown === "panoptic" && segments?.has(hover) ? [this.litSegment(view, hover, { wash: true })] : [];
    const byMask = choice.kind === "query" || shown === "query";
    const values = byMask && choice.query !== null ? this.heatOf(details?.get(choice.query), view) : null;
    if (values !== null) {
      const fill = (region, box) => regionOfHeat(region, view, values, box);
      return [...lit, { fill, box: view.canvasBox, marks: { rim: true } }];
    }
    const rims = segments?.has(choice.segment) && shown !== "query";
    return rims ? [...lit, this.litSegment(view, choice.segment, { rim: true })] : lit;
  }

  litSegment(view, segmentId, marks) {
    const { labels } = this.studio.labelMap;
    const fill = (region, box) => regionOfLabel(region, view, labels, segmentId, box);
    return { fill, box: view.covering(this.studio.segments.get(segmentId).box_xyxy), marks };
  }

  layNames(view) {
    const { names, alone } = this.studio.display;
    this.names.node.hidden = !names;
    const rows = this.surface?.names ?? [];
    const chosen = this.studio.choice.segment;
    const only = alone && this.studio.view === "panoptic" && this.studio.segments.has(chosen);
    this.names.set(only ? rows.filter(({ label }) => label === chosen) : rows);
    this.names.place(view);
  }
}
