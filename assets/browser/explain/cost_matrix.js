// The costs of all pairs of query and true segment, as a matrix of colours that can be read.

const COST_CLIP = 0.97; // share of the costs that the colours tell apart

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
