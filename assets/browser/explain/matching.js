// Matching: queries on the left, true segments on the right, lines for the assignment, and the costs of all pairs below.

const MATCH_ROW = 46; // CSS pixels
const MOST_LISTED = 40; // queries on the left, unless more are matched
const COST_PARTS = ["total", "classes", "focal", "dice"];

class MatchingPanel extends ExplainPanel {
  constructor(studio) {
    super(studio, "matching", { tiles: true });
    this.part = "total";
    this.notes = make("div", { class: "matching-notes" });
    this.figures = make("div", { class: "verdicts" });
    this.pairs = make("div", { class: "pairs explain-scroll", data: { testid: "pairs" } });
    this.matrix = new CostMatrix(studio, (query) => this.choose(query));
    this.parts = COST_PARTS.map((part) => button({ class: "segmented-choice", role: "radio",
      data: { testid: `cost-${part}`, part } }, () => this.showPart(part), say(`app.explain.matching.part.${part}`)));
    const choices = make("div", { class: "segmented", role: "radiogroup", "aria-label": say("app.explain.matching.costs") },
      this.parts);
    this.body.append(this.notes, this.figures,
      make("section", { class: "explain-part", "aria-label": say("app.explain.matching.lines") },
        make("h5", {}, say("app.explain.matching.lines")), this.pairs,
        make("p", { class: "quiet explain-note" }, say("app.explain.matching.lines_about"))),
      make("section", { class: "explain-part", "aria-label": say("app.explain.matching.costs") },
        make("div", { class: "part-head" }, make("h5", {}, say("app.explain.matching.costs")), choices),
        this.matrix.node, make("p", { class: "quiet explain-note" }, say("app.explain.matching.costs_about"))));
    studio.on("choice", () => this.inSight && this.reply && this.mark());
    studio.on("document", () => { this.reply = null; });
  }

  fields() {
    return {};
  }

  async draw(reply) {
    this.reply = reply;
    const costs = new Float32Array(await inflate(reply.costs));
    this.notes.replaceChildren(...this.renderNotes(reply));
    this.figures.replaceChildren(...this.renderFigures(reply));
    this.pairs.replaceChildren(...this.renderPairs(reply));
    this.matrix.fill(reply, costs);
    this.showPart(this.part);
    this.mark();
  }

  renderNotes({ is_corrected: corrected, left_out: names }) {
    const notes = [];
    if (!corrected) notes.push(say("app.explain.matching.uncorrected"));
    if (names.length > 0) notes.push(say("app.explain.matching.left_out", { names: names.join(", ") }));
    return notes.map((words) => make("p", { class: "import-note" }, words));
  }

  renderFigures(reply) {
    const or = (value, words) => (value === null ? "–" : words(value));
    const { classes, focal, dice } = reply.loss_parts;
    const rows = [
      ["pq", `PQ ${or(reply.pq, percentage)}`, say("app.explain.matching.counts", { tp: whole(reply.tp), fp: whole(reply.fp),
        fn: whole(reply.fn) })],
      ["best", percentage(reply.best_recall), say("app.explain.matching.best_about",
        { iou: probability(reply.best_mean_iou) })],
      ["loss", decimal(reply.loss), say("app.explain.matching.loss_about", { classes: decimal(classes), focal: decimal(focal),
        dice: decimal(dice) })],
    ];
    return rows.map(([name, figure, about]) => make("div", { class: "verdict", data: { testid: `matching-${name}` } },
      make("span", { class: "quiet" }, say(`app.explain.matching.${name}`)), make("b", { class: "figure" }, figure),
      make("span", { class: "quiet number-words" }, about)));
  }

  /** Matched queries and those that take part in the result, the surest first; true segments, the largest first. */
  renderPairs(reply) {
    const listed = reply.queries.filter((row) => row.truth !== null || row.takes_part)
      .sort((a, b) => (a.truth === null) - (b.truth === null) || b.score - a.score);
    const left = listed.slice(0, Math.max(MOST_LISTED, listed.filter(({ truth }) => truth !== null).length));
    const rows = Math.max(left.length, reply.truths.length);
    const lines = createSvg("svg", { class: "pair-lines", viewBox: `0 0 100 ${rows * MATCH_ROW}`, preserveAspectRatio: "none",
      "aria-hidden": "true" });
    lines.style.height = `${rows * MATCH_ROW}px`;
    left.forEach(({ truth, query }, i) => truth !== null && lines.append(this.renderLine(query, i, truth, reply.truths[truth])));
    const side = (name, nodes) => make("div", { class: `pair-side pair-${name}` }, nodes);
    return [side("queries", left.map((row) => this.renderQuery(row))), lines,
      side("truths", reply.truths.map((row, place) => this.renderTruth(row, place)))];
  }

  renderLine(query, i, truth, { outcome }) {
    const [from, to] = [i, truth].map((place) => (place + 0.5) * MATCH_ROW);
    return createSvg("path", { d: `M0 ${from} C 45 ${from} 55 ${to} 100 ${to}`, class: "pair-line", "data-outcome": outcome,
      "data-query": query, "vector-effect": "non-scaling-stroke" });
  }

  renderQuery(row) {
    const { studio } = this;
    const { query, truth, no_object_loss: silence } = row;
    const tile = make("span", { class: "claim-tile", "aria-hidden": "true" });
    if (studio.queries) showTile(tile, studio.queries, studio.sprite, query);
    const under = truth === null ? say("app.explain.matching.unmatched", { loss: decimal(silence) }) : probability(row.score);
    return button({ class: "pair", data: { query, testid: `pair-query-${query}`, free: truth === null ? "" : "no" },
      on: pointsAt(studio, query) }, () => this.choose(query), tile,
    make("span", { class: "pair-words" }, make("span", { class: "pair-name" }, make("b", {}, String(query)),
      ` ${studio.category(row.category_id).name}`), make("span", { class: "quiet" }, under)));
  }

  renderTruth(row, place) {
    const { studio } = this;
    const name = studio.category(row.category_id).name;
    const matched = row.query !== null;
    const losses = matched ? say("app.explain.matching.losses", { classes: decimal(row.class_loss),
      focal: decimal(row.focal_loss), dice: decimal(row.dice_loss) }) : say("app.explain.matching.no_query");
    const best = row.best_query === row.query ? "" : say("app.explain.matching.better", { query: row.best_query,
      iou: probability(row.best_iou) });
    return button({ class: "pair", data: { truth: place, query: row.query ?? "", testid: `pair-truth-${row.segment_id}`,
      outcome: row.outcome }, title: best || null },
    () => studio.segments.has(row.segment_id) && studio.chooseSegment(row.segment_id),
    make("span", { class: "pair-swatch", style: { "--dot": cssColor(row.color) } }),
    make("span", { class: "pair-words" }, make("span", { class: "pair-name" }, name, " ",
      make("span", { class: "quiet" }, matched ? `IoU ${probability(row.iou)}` : "")),
    make("span", { class: "quiet pair-losses" }, losses)),
    make("span", { class: "outcome", data: { outcome: row.outcome }, title: say(`app.explain.matching.outcome.${row.outcome}`) },
      row.outcome === "ignored" ? "–" : row.outcome.toUpperCase()));
  }

  choose(query) {
    this.studio.chooseQuery(query);
  }

  mark() {
    const { query } = this.studio.choice;
    for (const node of this.pairs.querySelectorAll("[data-query]")) {
      node.toggleAttribute("data-chosen", node.dataset.query === String(query));
    }
    this.matrix.point(query);
  }

  showPart(part) {
    this.part = part;
    for (const node of this.parts) node.setAttribute("aria-checked", String(node.dataset.part === part));
    this.matrix.show(part);
  }
}

function createSvg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
