// Everything about the chosen query: what became of it, its class distribution, its nearest neighbours.

const LISTED_CLASSES = 10;

class QueryInspector {
  constructor(studio, edits) {
    this.studio = studio;
    this.edits = edits;
  }

  render(query) {
    const { studio } = this;
    const thumbnail = make("span", { class: "inspector-tile" });
    if (studio.queries) showTile(thumbnail, studio.queries, studio.sprite, query);
    const detail = studio.details.get(query);
    return [
      make("div", { class: "inspector-head" }, thumbnail, make("div", { class: "inspector-title" },
        make("h4", { "data-testid": "inspector-title" }, this.title(query)),
        make("p", { class: "fate-sentence", "data-testid": "fate" }, fateWords(studio, query)),
        query < studio.seeds ? make("p", { class: "quiet", "data-testid": "seed" }, say("app.inspector.seed")) : null)),
      this.renderActions(query),
      ...(studio.perPixel ? [] : this.renderDetail(detail)),
    ];
  }

  renderDetail(detail) {
    if (!detail) return [make("p", { class: "quiet empty" }, say("app.inspector.coming"))];
    return [this.renderDistribution(detail.distribution), this.renderNeighbours(detail.neighbours)];
  }

  title(query) {
    return this.studio.perPixel ? this.studio.className(query) : say("app.inspector.query", { query });
  }

  renderActions(query) {
    const { studio, edits } = this;
    const off = studio.state.off.includes(query);
    const segmentId = studio.fates.get(query)?.segment_id ?? null;
    const title = say("app.query.promote_title");
    const promote = button({ class: "button strong", data: { testid: "promote" }, title },
      () => edits.promote(query), say("app.query.promote"));
    const show = button({ class: "button", data: { testid: "show-segment" } }, () => studio.chooseSegment(segmentId),
      dot(cssColor(studio.segmentColor(segmentId))), say("app.inspector.segment", { id: segmentId }));
    const turn = button({ class: "button", data: { testid: "switch" },
      title: say(off ? "app.query.on_title" : "app.query.off_title") },
      () => edits.switch(query, off), say(off ? "app.query.on" : "app.query.off"));
    const choices = segmentId === null ? [promote, turn] : [show, turn];
    return make("div", { class: "actions" }, choices.filter((choice) => !studio.perPixel || choice === show));
  }

  renderDistribution(distribution) {
    const classes = distribution.filter((row) => row.category_id !== null).slice(0, LISTED_CLASSES);
    const nothing = distribution.find((row) => row.category_id === null);
    return make("section", { class: "part", "aria-label": say("app.inspector.distribution") },
      make("h5", {}, say("app.inspector.distribution")),
      make("div", { class: "bars", "data-testid": "distribution" },
        classes.map((row) => bar(this.studio.category(row.category_id).name, row.probability,
          cssColor(this.studio.category(row.category_id).color))),
        nothing ? bar(say("app.inspector.no_object"), nothing.probability, null) : null));
  }

  renderNeighbours(neighbours) {
    const chips = neighbours.map(({ query, similarity }) => {
      const row = this.studio.queries?.rowOf.get(query);
      const name = row ? this.studio.category(row.category_id).name : "";
      const tile = make("span", { class: "chip-tile" });
      if (row) showTile(tile, this.studio.queries, this.studio.sprite, query);
      return button({ class: "chip", data: { testid: `neighbour-${query}` },
        title: say("app.inspector.neighbour", { query, name, similarity: probability(similarity) }) },
      () => this.studio.chooseQuery(query), tile,
      make("span", { class: "chip-words" }, make("span", { class: "chip-name" }, `${query} ${name}`),
        make("span", { class: "quiet" }, probability(similarity))));
    });
    return make("section", { class: "part", "aria-label": say("app.inspector.neighbours") },
      make("h5", { title: say("app.inspector.neighbours_title") }, say("app.inspector.neighbours")),
      make("div", { class: "chips" }, chips));
  }
}

/** A named bar; no colour means "no object". */
function bar(name, value, color) {
  const meter = { role: "meter", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 1,
    "aria-valuenow": value.toFixed(4), "aria-valuetext": probability(value) };
  const fill = make("span", { class: "bar-fill", style: { "--share": value, "--dot": color ?? "" } });
  return make("div", { class: color ? "bar" : "bar bar-nothing", ...meter },
    make("span", { class: "bar-name", title: name }, name),
    make("span", { class: "bar-track" }, fill),
    make("span", { class: "bar-value" }, probability(value)));
}
