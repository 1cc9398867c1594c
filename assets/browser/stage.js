// The picture with its result: which view is painted, what is highlighted, and words about the pixel pointed at.

class Stage {
  constructor(studio) {
    this.studio = studio;
    this.base = new Layer("base");
    this.light = new Layer("light");
    this.names = make("div", { class: "names", "aria-hidden": "true" });
    this.preview = make("div", { class: "layer preview", hidden: true, "aria-hidden": "true" });
    this.status = make("div", { class: "status-line", "data-testid": "hover" });
    this.viewport = new Viewport({
      changed: (scale) => this.fitted(scale),
      clicked: (place) => this.click(place),
      pointed: (place) => this.point(place),
      left: () => this.point(null),
    });
    this.node = make("section", { class: "stage", "aria-label": say("app.stage.label") }, this.viewport.node,
      this.status);
    this.surface = null;
    this.paintings = 0;
    this.listen();
  }

  listen() {
    const { studio } = this;
    studio.on("document", () => this.open());
    studio.on("state", () => this.paint());
    studio.on("view", () => this.paint());
    studio.on("display", () => this.repaint());
    studio.on("choice", () => (this.studio.view === "query" ? this.paint() : this.highlight()));
    studio.on("hover", () => this.highlight());
    studio.on("details", () => (this.studio.view === "query" ? this.paint() : this.highlight()));
  }

  open() {
    const { height, width, picture, name } = this.studio.document;
    this.raster = new Raster(height, width);
    this.region = new Uint8Array(this.raster.height * this.raster.width);
    this.base.fit(this.raster);
    this.light.fit(this.raster);
    this.heat = { query: null, values: null };
    this.surface = null;
    picture.alt = say("app.stage.picture", { name });
    this.viewport.plane.replaceChildren(picture, this.preview, this.base.canvas, this.light.canvas, this.names);
    this.viewport.show(height, width);
  }

  fitted(scale) {
    if (this.raster?.shownAt(this.studio.document.width * scale)) this.repaint();
    else this.layNames();
  }

  /** Fetches what the view shows and paints it; a later call overtakes an earlier one. */
  async paint() {
    if (!this.studio.document) return;
    const painting = (this.paintings += 1);
    const { studio } = this;
    const { view } = studio;
    if (view === "panoptic") this.surface = panopticSurface(studio);
    else if (view === "query") this.surface = null;
    else {
      const wanted = view === "semantic" ? semanticSurface : instanceSurface;
      const surface = await studio.during(() => wanted(studio));
      if (painting !== this.paintings || !surface) return;
      this.surface = surface;
    }
    this.repaint();
  }

  repaint() {
    if (!this.raster) return;
    const { opacity, outlines, names } = this.studio.display;
    this.names.hidden = !names;
    if (this.surface) {
      this.preview.hidden = true;
      paintLabels(this.base, this.raster, this.surface.labels.labels, colorTables(this.surface.colors, opacity),
        outlines);
    } else this.paintQuery();
    this.layNames();
    this.highlight();
  }

  /** The chosen query's heat; its tile stands in until the heat has come. */
  paintQuery() {
    const values = this.heatOf(this.studio.choice.query);
    const waiting = values === null && this.studio.choice.query !== null && this.studio.queries !== null;
    this.preview.hidden = !waiting;
    if (waiting) showTile(this.preview, this.studio.queries, this.studio.sprite, this.studio.choice.query);
    if (values !== null && this.studio.display.heat) paintHeat(this.base, values);
    else {
      this.base.pixels.fill(0);
      this.base.show();
    }
  }

  heatOf(query) {
    const detail = this.studio.details.get(query);
    if (!detail) return null;
    if (this.heat.query !== query) {
      this.heat = { query, values: enlarge(detail.heatGrid, detail.heat_height, detail.heat_width, this.raster) };
    }
    return this.heat.values;
  }

  /** Lights up the segment under the cursor; rims the chosen segment, or the chosen query's own mask. */
  highlight() {
    if (!this.raster) return;
    const { choice, hover, view, segments } = this.studio;
    this.light.pixels.fill(0);
    if (view === "panoptic" && hover !== null) this.lightSegment(hover, { wash: true });
    const byMask = choice.kind === "query" || view === "query";
    const values = byMask && choice.query !== null ? this.heatOf(choice.query) : null;
    if (values !== null) {
      regionOfHeat(this.region, values);
      paintRegion(this.light, this.raster, this.region, [0, 0, this.raster.width, this.raster.height], { rim: true });
    } else if (segments?.has(choice.segment) && view !== "query") this.lightSegment(choice.segment, { rim: true });
    this.light.show();
    this.tell();
  }

  lightSegment(segmentId, marks) {
    const row = this.studio.segments.get(segmentId);
    const box = this.raster.box(row.box_xyxy);
    this.region.fill(0);
    regionOfLabel(this.region, this.raster, this.studio.labelMap.labels, segmentId, box);
    paintRegion(this.light, this.raster, this.region, box, marks);
  }

  layNames() {
    if (!this.studio.document || !this.viewport.scale) return;
    const { scale } = this.viewport;
    const { height, width } = this.studio.document;
    const rows = (this.studio.display.names && this.surface?.names) || [];
    const placed = rows.map(({ text, anchor, box }) => (
      { text, x: (anchor[0] + 0.5) * scale, y: (anchor[1] + 0.5) * scale, width: (box[2] - box[0]) * scale }));
    placeNames(this.names, placed, { height: height * scale, width: width * scale });
  }

  click(place) {
    if (!place || !this.studio.document) return;
    const query = this.surface?.queryOf?.(this.surface.labels.at(place.x, place.y)) ?? null; // of an instance
    const segmentId = this.studio.labelMap.at(place.x, place.y);
    if (query !== null) this.studio.chooseQuery(query);
    else if (this.studio.segments.has(segmentId)) this.studio.chooseSegment(segmentId);
    else this.studio.choose({ kind: null });
  }

  point(place) {
    if (!this.studio.document) return;
    this.place = place;
    const label = place ? this.studio.labelMap.at(place.x, place.y) : 0;
    this.studio.setHover(this.studio.view === "panoptic" && this.studio.segments.has(label) ? label : null);
    this.tell();
  }

  /** The fixed line under the picture: the pixel pointed at, else the choice, else what one can do here. */
  tell() {
    const { color, words } = this.pointedWords() ?? this.chosenWords();
    this.status.replaceChildren(...(color ? [dot(cssColor(color))] : []), make("span", {}, words));
  }

  pointedWords() {
    const { studio, surface, place } = this;
    if (!place && studio.hover !== null) return this.segmentNote(studio.hover);
    if (!place) return null;
    if (surface) {
      const label = surface.labels.at(place.x, place.y);
      return { color: surface.colors.get(label), words: surface.words(label) };
    }
    const values = this.heatOf(studio.choice.query);
    if (values === null) return { words: sayOf(studio, "app.hover.choose_query") };
    const spot = Math.floor(place.y * this.raster.scale) * this.raster.width + Math.floor(place.x * this.raster.scale);
    const { query } = studio.choice;
    const said = { query, name: studio.className(query), p: probability(values[spot] / 255) };
    return { words: sayOf(studio, "app.hover.heat", said) };
  }

  chosenWords() {
    const { kind, query, segment } = this.studio.choice;
    if (kind === "segment") return this.segmentNote(segment);
    const { studio } = this;
    if (kind === "query") return { words: sayOf(studio, "app.hover.query", { query, fate: fateWords(studio, query) }) };
    return { words: sayOf(studio, studio.view === "query" ? "app.hover.choose_query" : "app.hover.hint") };
  }

  segmentNote(segmentId) {
    const words = segmentWords(this.studio, this.studio.segments.get(segmentId));
    return { color: this.studio.segmentColor(segmentId), words };
  }
}
