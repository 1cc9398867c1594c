// Compare: the picture's model and another one, side by side, under a slider, or as a map of their differences.

const COMPARE_WAYS = ["sides", "swipe", "difference"];
const KIND_INKS = { class: [226, 88, 34], void: [124, 92, 210], instance: [38, 120, 220] }; // in the server's order
const SIDE_INKS = [[20, 117, 124], [201, 119, 43]]; // of this model and of the other
const COMPARE_LONG_SIDE = 960;

class ComparePanel extends ExplainPanel {
  constructor(studio, work, models) {
    super(studio, "compare", { work });
    Object.assign(this, { models, way: "sides", chosen: null, lens: new Lens(), reply: null });
    this.picker = picker(say("app.explain.compare.other"), [], (name) => this.choose(name), { "data-testid": "compare-model" });
    this.ways = COMPARE_WAYS.map((way) => button({ class: "segmented-choice", role: "radio",
      data: { testid: `compare-${way}`, way } }, () => this.showWay(way), say(`app.explain.compare.${way}`)));
    this.figure = make("p", { class: "explain-verdict", "data-testid": "compare-figure" });
    this.stage = make("div", { class: "compare-stage" });
    this.legend = make("div", { class: "compare-legend quiet" });
    this.list = make("div", { class: "compare-rows" });
    this.truth = make("div", {});
    this.body.append(make("div", { class: "compare-head" },
      make("label", { class: "pixel-axis" }, make("span", { class: "quiet" }, say("app.explain.compare.with")), this.picker),
      make("div", { class: "segmented", role: "radiogroup", "aria-label": say("app.explain.compare.way") }, this.ways)),
    make("div", { class: "compare-said" }, this.figure, this.lens.buttons()), this.stage, this.legend,
    make("section", { class: "explain-part", "aria-label": say("app.explain.compare.list") },
      make("h5", {}, say("app.explain.compare.list")), this.list),
    this.truth);
    studio.on("document", () => { this.reply = null; });
  }

  async enter() {
    this.body.hidden = this.reply === null;
    await this.models.refresh().catch(() => null);
    const own = this.studio.document.model.name;
    const rows = this.models.rows.filter(({ name, state }) => ["bundled", "cached"].includes(state) && name !== own);
    const { data } = this.models.row(own) ?? {};
    rows.sort((one, other) => (other.data === data) - (one.data === data)); // what was trained on the same is compared first
    this.picker.replaceChildren(...rows.map((row) => (
      make("option", { value: row.name }, joined(["title", "data"].filter((fact) => row[fact])
        .map((fact) => modelWords(row, fact)), " · ")))));
    if (!rows.some(({ name }) => name === this.chosen)) this.chosen = rows[0]?.name ?? null;
    this.picker.value = this.chosen ?? "";
    if (this.chosen === null) this.tell(say("app.explain.compare.none"));
    else if (!this.asking) this.tell("");
    this.body.hidden = this.chosen === null || this.reply === null;
    if (this.inSight) this.refresh();
  }

  choose(name) {
    this.chosen = name;
    this.refresh();
  }

  fields() {
    if (this.chosen === null || this.chosen === this.studio.document.model.name) return null;
    if (this.reply === null) this.tell(say("app.explain.compare.coming"));
    return { model: this.chosen };
  }

  async draw(reply) {
    this.reply = reply;
    this.body.hidden = false;
    const maps = await Promise.all([...reply.sides.map((side) => side.labels), reply.kinds].map((map) => inflate(map)));
    this.labels = maps.slice(0, 2).map((map) => new Uint16Array(map));
    this.kinds = new Uint8Array(maps[2]);
    write(this.figure, say("app.explain.compare.about_both", { share: percentage(reply.agreement), same: whole(reply.same),
      named: whole(reply.same_class) }));
    this.list.replaceChildren(...this.renderList(reply));
    this.truth.replaceChildren(...this.renderTruth(reply.truth));
    this.showWay(this.way);
  }

  showWay(way) {
    this.way = way;
    for (const node of this.ways) node.setAttribute("aria-checked", String(node.dataset.way === way));
    this.lens.forget();
    this.stage.dataset.way = way;
    this.stage.replaceChildren(...{ sides: () => this.renderSides(), swipe: () => this.renderSwipe(),
      difference: () => [this.lens.frame([this.renderDifference()])] }[way]());
    this.lens.apply();
    const kinds = Object.entries(KIND_INKS).map(([kind, ink]) => make("span", {}, dot(cssColor(ink)), " ",
      say(`app.explain.compare.kind.${kind}`), " ", make("b", {}, percentage(this.reply.shares[kind]))));
    this.legend.replaceChildren(...kinds);
  }

  renderSide(side) {
    const { studio, reply } = this;
    const { segments } = reply.sides[side];
    const plate = createPlate(studio, { role: "img", "aria-label": this.title(side), "data-testid": `compare-plate-${side}` }, COMPARE_LONG_SIDE);
    paintPhotograph(plate, studio, { kept: 0.6, grey: true });
    layLabels(plate, this.labels[side], reply.map_height, reply.map_width, segments.map((row, i) => [i + 1, row.color]));
    return plate;
  }

  /** What a side's model is called. */
  title(side) {
    const name = side === 0 ? this.studio.document.model.name : this.asked.model;
    return modelWords({ name, title: this.reply.sides[side].title }, "title");
  }

  renderSides() {
    return [0, 1].map((side) => make("figure", {}, this.lens.frame([this.renderSide(side)]), this.caption(side)));
  }

  caption(side) {
    const { segments, per_pixel: perPixel } = this.reply.sides[side];
    const count = say("app.explain.compare.segments", { segments: whole(segments.length) });
    return make("figcaption", {}, make("b", {}, this.title(side)), " ", count, ...(perPixel ? [" · ", say("app.per_pixel.badge")] : []));
  }

  /** The other model's result over this one's, as far as the slider says. */
  renderSwipe() {
    const [below, above] = [this.renderSide(0), this.renderSide(1)];
    const frame = this.lens.frame([below]);
    const cover = this.lens.frame([above], { data: { cover: "" } });
    const line = make("span", { class: "swipe-line", "aria-hidden": "true" });
    const slider = make("input", { type: "range", min: 0, max: 1, step: 0.005, "aria-label": say("app.explain.compare.slider"),
      "data-testid": "compare-slider", on: { input: () => follow() } });
    const follow = () => {
      const at = Number(slider.value);
      setRange(slider, at, 0, 1);
      cover.style.clipPath = `inset(0 0 0 ${at * 100}%)`;
      line.style.insetInlineStart = `${at * 100}%`;
    };
    slider.value = 0.5;
    follow();
    return [make("div", { class: "swipe" }, frame, cover, line), slider,
      make("div", { class: "swipe-names" }, this.caption(0), this.caption(1))];
  }

  renderDifference() {
    const { studio, reply } = this;
    const plate = createPlate(studio, { role: "img", "aria-label": say("app.explain.compare.difference"),
      "data-testid": "compare-plate-difference" }, COMPARE_LONG_SIDE);
    paintPhotograph(plate, studio, { kept: 0.6, grey: true });
    const table = [0, ...Object.values(KIND_INKS).map((ink) => pixelWord(ink, 215))];
    layWords(plate, Uint32Array.from(this.kinds, (kind) => table[kind]), reply.map_height, reply.map_width, false);
    return plate;
  }

  renderList({ disagreements, sides }) {
    const { studio, studio: { document: { height, width } } } = this;
    if (disagreements.length === 0) return [make("p", { class: "quiet" }, this.reply.agreement === 1
      ? say("app.explain.compare.no_difference")
      : say("app.explain.compare.little_difference", { least: percentage(this.reply.least_share) }))];
    const rowOf = sides.map(({ segments }) => new Map(segments.map((row) => [row.segment_id, row])));
    const cell = (side, id) => {
      const row = rowOf[side].get(id);
      return make("span", { class: "difference-name" }, row ? dot(cssColor(row.color)) : null, row ? row.name : say("app.explain.views.void"));
    };
    const head = make("div", { class: "compare-row quiet" }, make("span", {}), make("span", {}, this.title(0)), make("span", {}),
      make("span", {}, this.title(1)), make("span", { class: "number" }, say("app.segments.area")));
    return [head, ...disagreements.map(({ kind, first, second, area, box_xyxy: [x0, y0, x1, y1] }, i) => (
      button({ class: "compare-row", title: say(`app.explain.compare.kind.${kind}`), data: { testid: `disagreement-${i}`, kind } },
        () => this.lens.showBox([x0 / width, y0 / height, x1 / width, y1 / height]),
        dot(cssColor(KIND_INKS[kind])), cell(0, first), make("span", { class: "quiet" }, "→"), cell(1, second),
        make("span", { class: "number" }, `${whole(area)} px`))))];
  }

  renderTruth(truth) {
    if (truth === null) return [make("p", { class: "quiet explain-note" }, say("app.explain.compare.no_truth"))];
    const mean = (side) => (truth[side] === null ? "–" : percentage(truth[side]));
    const bars = (row) => ["first", "second"].map((side, i) => make("span", { class: "bar-track" },
      make("span", { class: "bar-fill", style: { "--share": row[side], "--dot": cssColor(SIDE_INKS[i]) } })));
    return [make("h5", {}, say("app.explain.compare.truth")),
      make("p", { class: "truth-means" }, ["first", "second"].map((side, i) => make("span", { data: { testid: `mean-${side}` } },
        dot(cssColor(SIDE_INKS[i])), " ", this.title(i), ": ", make("b", {}, say("app.explain.compare.mean", { mean: mean(side) }))))),
      make("div", { class: "truth-rows" }, truth.classes.map((row) => make("div", { class: "truth-row" },
        make("span", { class: "bar-name", title: row.name }, row.name), make("span", { class: "truth-bars" }, bars(row)),
        make("span", { class: "number" }, percentage(row.first)), make("span", { class: "number" }, percentage(row.second)))))];
  }
}
