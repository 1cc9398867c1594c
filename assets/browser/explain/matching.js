// Matching: queries on the left, true segments on the right, lines for the assignment, and the costs of all pairs below.

const MATCH_ROW = 46; // CSS pixels
const MOST_LISTED = 40; // queries on the left
const COST_PARTS = ["total", "classes", "focal", "dice"];
const COST_CLIP = 0.97; // share of the costs that the colours tell apart
const OUTCOMES = ["tp", "fn", "fp", "ignored"];

class MatchingPanel extends ExplainPanel {
  constructor(studio) {
    super(studio, "matching");
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
    const left = reply.queries.filter((row) => row.truth !== null || row.is_object)
      .sort((a, b) => (a.truth === null) - (b.truth === null) || b.score - a.score).slice(0, MOST_LISTED);
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

/** The costs of all pairs: a row for each true segment, a column for each query. */
class CostMatrix {
  constructor(studio, choose) {
    Object.assign(this, { studio, choose, query: null });
    this.names = make("div", { class: "matrix-names" });
    this.canvas = make("canvas", { class: "matrix", "data-testid": "matrix", on: {
      pointermove: (event) => this.tell(this.cellAt(event)),
      pointerleave: () => this.tell(null),
      click: (event) => this.cellAt(event) && choose(this.cellAt(event).query),
    } });
    this.note = make("p", { class: "matrix-note", role: "status", "data-testid": "matrix-note" });
    this.ramp = make("span", { class: "cost-ramp" });
    this.low = make("span", {});
    this.high = make("span", {});
    this.node = make("div", { class: "matrix-frame" }, this.names, make("div", { class: "matrix-side" }, this.canvas),
      make("div", { class: "matrix-foot" }, this.note, make("span", { class: "cost-legend quiet" }, this.low, this.ramp, this.high)));
  }

  fill(reply, costs) {
    const { truths, queries, weights } = reply;
    this.truths = truths;
    const size = queries.length * truths.length;
    const weigh = [weights.classes, weights.focal, weights.dice];
    const parts = weigh.map((weight, i) => costs.subarray(i * size, (i + 1) * size).map((cost) => cost * weight));
    const total = parts[0].map((cost, i) => cost + parts[1][i] + parts[2][i]);
    this.costs = { total, classes: parts[0], focal: parts[1], dice: parts[2] };
    const least = queries.map((_, query) => Math.min(...total.subarray(query * truths.length, (query + 1) * truths.length)));
    const matched = truths.filter((row) => row.query !== null).map((row) => row.query);
    const free = queries.map(({ query }) => query).filter((query) => !matched.includes(query))
      .sort((a, b) => least[a] - least[b]);
    this.order = [...matched, ...free];
    this.names.replaceChildren(...truths.map((row) => make("span", { title: this.studio.category(row.category_id).name },
      this.studio.category(row.category_id).name)));
    this.node.style.setProperty("--rows", truths.length);
  }

  show(part) {
    this.shown = this.costs[part];
    const sorted = Float32Array.from(this.shown).sort();
    this.bounds = [sorted[0], sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * COST_CLIP))]];
    [this.low.textContent, this.high.textContent] = [decimal(this.bounds[0]), `≥ ${decimal(this.bounds[1])}`];
    this.paint();
    this.tell(null);
  }

  paint() {
    const { truths, order, shown, canvas, bounds: [low, high] } = this;
    const [cell, row] = [12, 24];
    Object.assign(canvas, { width: order.length * cell, height: truths.length * row });
    const context = canvas.getContext("2d");
    order.forEach((query, column) => truths.forEach((truth, i) => {
      const value = shown[query * truths.length + i];
      context.fillStyle = cssColor(costColor((value - low) / Math.max(1e-9, high - low)));
      context.fillRect(column * cell, i * row, cell, row);
    }));
    context.lineWidth = 3;
    truths.forEach((truth, i) => {
      if (truth.query === null) return;
      context.strokeStyle = "#e4361e";
      context.strokeRect(order.indexOf(truth.query) * cell + 1.5, i * row + 1.5, cell - 3, row - 3);
    });
    if (this.query === null || !order.includes(this.query)) return;
    context.strokeStyle = "#ffffff";
    context.strokeRect(order.indexOf(this.query) * cell + 1, 1, cell - 2, truths.length * row - 2);
  }

  point(query) {
    this.query = query;
    if (this.shown) this.paint();
  }

  cellAt({ offsetX, offsetY }) {
    const { clientWidth, clientHeight } = this.canvas;
    const column = Math.floor((offsetX / clientWidth) * this.order.length);
    const place = Math.floor((offsetY / clientHeight) * this.truths.length);
    return column in this.order && place in this.truths ? { query: this.order[column], place } : null;
  }

  tell(cell) {
    if (!cell) return void write(this.note, say("app.explain.matching.point"));
    const { query, place } = cell;
    const truth = this.truths[place];
    const at = (part) => decimal(this.costs[part][query * this.truths.length + place]);
    write(this.note, say("app.explain.matching.cell", { query, id: truth.segment_id,
      name: this.studio.category(truth.category_id).name, total: at("total"), classes: at("classes"), focal: at("focal"),
      dice: at("dice") }));
  }
}

const COST_STOPS = [[253, 231, 37], [94, 201, 98], [33, 145, 140], [59, 82, 139], [68, 1, 84]]; // cheap to dear

function costColor(share) {
  const place = clamp(share, 0, 1) * (COST_STOPS.length - 1);
  const low = Math.min(COST_STOPS.length - 2, Math.floor(place));
  return COST_STOPS[low].map((start, c) => Math.round(start + (COST_STOPS[low + 1][c] - start) * (place - low)));
}

/** A number of any size in at most three digits that count, and three after the point. */
function decimal(value) {
  return language.decimal.format(Math.abs(value) < 0.0005 ? 0 : value);
}

function createSvg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
