// One model in the menu: title, what it was trained on, task and licence, its published figure, and where it is.

const MODEL_FACTS = ["data", "task", "license"];

class ModelRow {
  constructor(models, row, id) {
    this.models = models;
    this.row = row;
    this.state = make("span", { class: "model-state" });
    this.node = make("div", { id, class: "model-row", role: "option", data: { testid: `model-${row.name}` } },
      make("span", { class: "model-mark" }, icon("check")),
      make("span", { class: "model-title" }, make("span", { class: "model-name", title: modelWords(row, "title") }, modelWords(row, "title")),
        row.per_pixel ? perPixelBadge() : null),
      make("span", { class: "model-facts" },
        MODEL_FACTS.map((fact) => make("span", { class: `model-${fact}`, title: modelWords(row, fact) },
          modelWords(row, fact)))),
      buildFigure(row), this.state);
    this.update();
  }

  /** Words that the search looks through. */
  get words() {
    const { name, title, figure } = this.row;
    const facts = MODEL_FACTS.map((fact) => this.row[fact]);
    const said = ["title", ...MODEL_FACTS].map((fact) => modelWords(this.row, fact));
    return [name, title, figure, ...facts, ...said].join(" ").toLocaleLowerCase(language.tag);
  }

  /** What would have to be downloaded is out of reach where downloads are off, and while another one runs. */
  get reachable() {
    return this.row.state !== "downloadable" || (this.models.downloads && !this.models.download);
  }

  update() {
    const { row, models } = this;
    const current = models.current?.name === row.name;
    const loading = models.download?.row.name === row.name;
    this.node.setAttribute("aria-selected", String(current));
    this.node.setAttribute("aria-disabled", String(!this.reachable && !loading));
    this.node.dataset.state = loading ? "loading" : row.state;
    this.state.replaceChildren(...this.stateWords(current, loading));
  }

  stateWords(current, loading) {
    if (current) return [say("app.model.in_use")];
    if (loading) return [this.models.share === null ? "…" : wholePercentage(this.models.share)];
    const size = this.row.megabytes > 0 ? [say("app.model.megabytes", { size: whole(this.row.megabytes) })] : [];
    const sign = { downloadable: "download", by_hand: "away" }[this.row.state];
    return sign ? [icon(sign), ...size] : size;
  }
}

/** What a row says of its model, a bundled one's in the person's language. */
function modelWords(row, fact) {
  if (fact === "task") return sayOr(`app.model.task.${row.task}`, row.task);
  return sayAs(`app.model.${fact}.${row.name}`, row[fact]);
}

/** "PQ 47.7": the metric quiet, its value not. */
function buildFigure({ figure, source }) {
  const [metric, value] = figure.split(" ");
  return make("span", { class: "model-figure", title: figure ? say("app.model.figure", { source }) : null },
    make("span", { class: "quiet" }, metric ?? ""), " ", value ?? "");
}

function perPixelBadge(properties = {}) {
  return make("span", { class: "badge", title: say("app.per_pixel.title"), ...properties }, say("app.per_pixel.badge"));
}
