// Pictures: what each query does in all of one's own pictures of this model. They are counted one after another.

const MOST_COUNTED = 500;

class PicturesPanel extends ExplainPanel {
  /** @param open called with the album's row of a picture to go to */
  constructor(studio, work, open) {
    super(studio, "pictures", { changedBy: [] });
    Object.assign(this, { counting: work, open, chosen: null });
    this.progress = make("span", { class: "quiet number-words", role: "status", "data-testid": "pictures-progress" });
    this.stopping = button({ class: "button", data: { testid: "pictures-stop" } }, () => this.stop(), say("app.album.stop"));
    this.figure = make("p", { class: "explain-verdict", "data-testid": "pictures-figure" });
    this.grid = make("div", { class: "census", role: "group" });
    this.seeds = make("p", { class: "quiet explain-note", "data-testid": "census-seeds" });
    this.silent = make("p", { class: "quiet explain-note", "data-testid": "census-silent" });
    this.detail = make("section", { class: "explain-part census-detail", "data-testid": "census-detail" });
    this.failures = make("div", { class: "matching-notes" });
    this.body.append(make("div", { class: "compare-said" }, this.figure, this.progress, this.stopping), this.failures,
      this.seeds, this.grid, this.silent, this.detail);
    this.forget();
    studio.on("document", () => this.forget());
  }

  forget() {
    Object.assign(this, { turn: {}, rows: null, counted: [], chosen: null });
    this.failures.replaceChildren();
  }

  leave() {
    this.stop();
  }

  enter() {
    setWords(this.grid, "aria-label", sayOf(this.studio, "app.explain.pictures.grid"));
    this.count();
  }

  fields() {
    return this.rows === null ? null : { pictures: this.counted.map(({ picture }) => ({ picture })) };
  }

  /** Has the pictures counted that are not yet; another picture, or another panel, ends it. */
  async count() {
    const { studio } = this;
    const turn = (this.turn = {});
    const reply = await studio.ask("pictures").catch((failure) => this.fail(failure));
    if (!reply || turn !== this.turn) return;
    const { id, model } = studio.document;
    this.rows = reply.pictures.filter((row) => row.picture !== id && row.model === model.name).slice(0, MOST_COUNTED);
    const known = new Set(this.counted.map(({ picture }) => picture));
    this.counted = this.rows.filter(({ picture }) => known.has(picture));
    this.failures.replaceChildren();
    for (const row of this.rows.filter(({ picture }) => !known.has(picture))) {
      this.follow(true);
      this.refresh();
      await this.countOne(row, turn);
      if (turn !== this.turn) return;
    }
    this.follow(false);
    this.refresh();
  }

  /** Has one picture counted, or says why it cannot be. */
  async countOne(row, turn) {
    try {
      await this.counting.ask("explain_prepare", { panel: this.name, picture: row.picture });
      if (turn === this.turn) this.counted = [...this.counted, row];
    } catch (failure) {
      if (!(failure instanceof Refusal)) reportError(failure);
      if (turn !== this.turn) return;
      this.failures.append(make("p", { class: "import-note" }, joined([row.name, failure.message], ": ")));
    }
  }

  /** What was counted may have been forgotten when memory was short. */
  async ask(fields) {
    try {
      return await super.ask(fields);
    } catch (failure) {
      if (!failure.unprepared) throw failure;
      this.counted = [];
      this.count();
      return null;
    }
  }

  stop() {
    this.turn = {};
    this.follow(false);
  }

  follow(running) {
    const all = (this.rows?.length ?? 0) + 1;
    write(this.progress, say("app.explain.pictures.progress", { done: whole(this.counted.length + 1), all: whole(all) }));
    this.stopping.hidden = !running;
  }

  async draw(reply) {
    this.reply = reply;
    this.footprints = new Uint8Array(await inflate(reply.footprints));
    const { fire, queries, pictures, half } = reply;
    write(this.figure, sayOf(this.studio, "app.explain.pictures.summary", { fire: whole(fire), all: whole(queries.length),
      pictures: whole(pictures), half: whole(half) }));
    this.seeds.hidden = !this.studio.seeds;
    write(this.seeds, say("app.explain.pictures.seeds", { last: this.studio.seeds - 1 }));
    const rows = reply.order.map((query) => reply.queries[query]);
    this.grid.replaceChildren(...rows.filter(({ fires }) => fires > 0).map((row) => this.renderQuery(row)));
    this.silent.hidden = fire === queries.length;
    const silent = rows.filter(({ fires }) => fires === 0).map((row) => row.query).sort((a, b) => a - b);
    write(this.silent, say("app.explain.pictures.silent", {
      queries: silent.map((query) => (this.studio.perPixel ? this.studio.className(query) : query)).join(", ") }));
    this.choose(this.chosen ?? reply.order[0]);
  }

  /** Where a query fires, in the colour of what it fires as. */
  renderQuery({ query, fires, counts }) {
    const { studio, reply: { footprint, pictures } } = this;
    const category = studio.category(counts[0].category_id);
    const tile = make("canvas", { class: "census-map", width: footprint, height: footprint, "aria-hidden": "true" });
    const size = footprint * footprint;
    const words = Uint32Array.from({ length: 256 }, (_, value) => pixelWord(category.color, value));
    layWords(tile, wordsOf(this.footprints.subarray(query * size, (query + 1) * size), words), footprint, footprint, false);
    const { name } = category;
    return button({ class: "census-query", title: sayOf(studio, "app.explain.pictures.tile", { query, name, fires: whole(fires),
      pictures: whole(pictures) }), data: { query, testid: `census-${query}`, fires } }, () => this.choose(query), tile,
    make("span", { class: "census-line" }, make("b", {}, String(query)), make("span", {}, `${whole(fires)}×`)),
    make("span", { class: "census-name quiet" }, name));
  }

  /** A query's classes, sizes and the pictures that it fires in. */
  choose(query) {
    this.chosen = query;
    for (const node of this.grid.children) node.setAttribute("aria-pressed", String(Number(node.dataset.query) === query));
    const { studio, reply } = this;
    const row = reply.queries[query];
    const most = Math.max(1, ...row.counts.map(({ count }) => count));
    const bars = row.counts.map(({ category_id: id, count }) => make("div", { class: "bar" },
      make("span", { class: "bar-name" }, studio.category(id).name), make("span", { class: "bar-track" }, make("span", {
        class: "bar-fill", style: { "--share": count / most, "--dot": cssColor(studio.category(id).color) } })),
      make("span", { class: "bar-value" }, whole(count))));
    const sizes = row.fires === 0 ? say("app.explain.pictures.never") : say("app.explain.pictures.sizes", {
      least: percentage(row.least_area), mean: percentage(row.mean_area), most: percentage(row.largest_area) });
    const firings = reply.firings.filter((firing) => firing.query === query);
    this.detail.replaceChildren(make("h5", {}, sayOf(studio, "app.explain.pictures.query", { query, fires: whole(row.fires),
      pictures: whole(reply.pictures) })), make("div", { class: "bars" }, bars), make("p", { class: "quiet" }, sizes),
    make("div", { class: "census-pictures" }, firings.map((firing) => this.renderPicture(firing))));
  }

  renderPicture({ picture: place, score, area }) {
    const { studio } = this;
    const said = joined([probability(score), percentage(area)], " · ");
    if (place === 0) {
      return make("figure", { class: "census-picture" }, make("img", { src: studio.document.picture.src, alt: "" }),
        make("figcaption", {}, make("b", {}, say("app.album.is_open")), " ", said));
    }
    const row = this.counted[place - 1];
    return button({ class: "census-picture", title: say("app.album.open", row), data: { testid: `census-picture-${row.picture}` } },
      () => this.open(row), make("img", { src: `data:image/webp;base64,${row.thumbnail}`, alt: "" }),
      make("span", { class: "census-caption" }, make("span", { class: "census-file" }, row.name), " ", said));
  }
}
