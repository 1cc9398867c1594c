// The assembly, step by step: N queries on the right leave one after another, the picture on the left comes to be.

const HEAPED_STEPS = 3; // before pixels have owners: masks lie over each other
const FADE_MILLISECONDS = 260;

class AssemblyPanel extends ExplainPanel {
  constructor(studio) {
    super(studio, "assembly", { tiles: true });
    this.stepper = new Stepper((step) => this.showStep(step));
    this.verdict = make("p", { class: "explain-verdict", role: "status", "data-testid": "assembly-words" });
    this.picture = make("div", { class: "assembly-picture" });
    this.crowd = make("div", { class: "crowd", role: "group", "aria-label": say("app.explain.assembly.crowd") });
    this.way = make("div", { class: "way", "data-testid": "assembly-way" });
    this.stepper.foot.append(this.verdict);
    this.body.append(this.stepper.node, make("div", { class: "assembly-columns" }, this.picture, this.crowd),
      this.way);
    studio.on("choice", () => this.inSight && this.reply && this.showWay());
    studio.on("document", () => {
      this.stepper.stop();
      this.reply = null;
    });
  }

  leave() {
    this.stepper.stop();
  }

  fields() {
    return {};
  }

  async draw(reply) {
    const names = ["heaps", "winners", "owners", "labels"];
    const [heaps, ...maps] = await Promise.all(names.map((name) => inflate(reply[name])));
    this.reply = reply;
    this.heaps = new Uint32Array(heaps);
    this.maps = maps.map((map) => new Uint16Array(map));
    this.rows = new Map(reply.queries.map((row) => [row.query, row]));
    this.crowd.replaceChildren(...this.renderCrowd());
    this.showWay();
    this.stepper.fill(reply.steps.map((row, i) => ({ name: row.step, title: say(`app.explain.assembly.step.${row.step}`),
      detail: i === reply.steps.length - 1 ? whole(row.segments) : whole(row.count) })));
  }

  showStep(step) {
    const { reply } = this;
    if (!reply) return; // of a picture that was left
    const { step: name, count, void: nobody, segments } = reply.steps[step];
    const before = reply.steps[Math.max(0, step - 1)].count;
    write(this.verdict, say(`app.explain.assembly.about.${name}`, { gone: whole(before - count), left: whole(count),
      share: percentage(nobody ?? 0), segments: whole(segments ?? 0), score: probability(reply.score_threshold),
      overlap: wholePercentage(reply.overlap_threshold) }));
    this.paint(step);
    const order = reply.steps.map((row) => row.step);
    for (const tile of this.crowd.children) {
      const ends = order.indexOf(this.rows.get(Number(tile.dataset.query)).leaves_at);
      tile.dataset.state = ends === -1 || ends > step ? "in" : ends === step ? "leaving" : "gone";
    }
  }

  paint(step) {
    const { studio, reply } = this;
    const plate = createPlate(studio, { role: "img", "data-testid": "assembly-plate", data: { step: reply.steps[step].step },
      "aria-label": say(`app.explain.assembly.step.${reply.steps[step].step}`) });
    paintPhotograph(plate, studio, { kept: 0.6, grey: true });
    if (step < HEAPED_STEPS) {
      const size = reply.heap_height * reply.heap_width;
      layWords(plate, this.heaps.subarray(step * size, (step + 1) * size), reply.heap_height, reply.heap_width);
    } else {
      const last = step === reply.steps.length - 1;
      const colors = last ? reply.segments.map((row) => [row.segment_id, row.color])
        : reply.queries.map((row) => [row.query + 1, row.color]);
      layLabels(plate, this.maps[step - HEAPED_STEPS], reply.map_height, reply.map_width, colors);
    }
    this.picture.replaceChildren(plate);
    if (!isStill()) plate.animate([{ opacity: 0.35 }, { opacity: 1 }], { duration: FADE_MILLISECONDS });
  }

  /** A tile for each query, the surest first. */
  renderCrowd() {
    const { studio } = this;
    return this.reply.queries.toSorted((a, b) => b.score - a.score || a.query - b.query).map(({ query, category_id: id, score }) => {
      const tile = make("span", { class: "crowd-tile", "aria-hidden": "true" });
      if (studio.queries) showTile(tile, studio.queries, studio.sprite, query);
      const words = say("app.explain.assembly.tile", { query, name: studio.category(id).name, score: probability(score) });
      return button({ class: "crowd-query", title: words, "aria-label": words, tabindex: "-1",
        data: { query, testid: `crowd-${query}` } }, () => studio.chooseQuery(query), tile);
    });
  }

  /** The way of the chosen query, each rule with its numbers. */
  showWay() {
    const { studio, reply } = this;
    const { query } = studio.choice;
    for (const tile of this.crowd.children) tile.setAttribute("aria-pressed", String(Number(tile.dataset.query) === query));
    const row = this.rows.get(query);
    if (!row) return void this.way.replaceChildren(make("p", { class: "quiet" }, say("app.explain.assembly.choose")));
    const order = reply.steps.map(({ step }) => step);
    const ends = row.leaves_at === null ? order.length : order.indexOf(row.leaves_at);
    const rules = order.slice(1).map((step, i) => this.renderRule(step, row, i + 1, ends));
    const name = studio.category(row.category_id).name;
    this.way.replaceChildren(make("h5", {}, say("app.explain.assembly.way", { query, name })), make("ol", { class: "rules" }, rules));
  }

  renderRule(step, row, place, ends) {
    const { reply } = this;
    const state = place < ends ? "passed" : place === ends ? "failed" : "never";
    const share = row.mask_area === 0 ? 0 : row.won_area / row.mask_area;
    const key = step === "objects" && row.fate === "off" ? "off" : step === "segments" && row.fate === "fused" ? "fused" : step;
    const words = state === "never" ? say("app.explain.assembly.never") : say(`app.explain.assembly.rule.${key}`, {
      p: probability(row.no_object), score: probability(row.score), threshold: probability(reply.score_threshold),
      won: whole(row.won_area), mask: whole(row.mask_area), share: percentage(share),
      overlap: wholePercentage(reply.overlap_threshold), id: row.segment_id });
    return make("li", { class: "rule", data: { state, testid: `rule-${step}` } },
      make("span", { class: "rule-mark", "aria-hidden": "true" }, state === "never" ? null : icon(state === "passed" ? "check" : "close")),
      make("span", { class: "rule-name" }, say(`app.explain.assembly.step.${step}`)), make("span", { class: "rule-words" }, words));
  }
}
