// All queries in a listbox of tiles: sorted, filtered, walked with the arrow keys, chosen with Enter or a click.

const PER_PIXEL_ORDERS = ["area", "class", "id"]; // a class's map has no score
const QUERY_ORDERS = {
  score: (a, b) => b.score - a.score || a.query - b.query,
  area: (a, b) => b.area - a.area || a.query - b.query,
  class: (a, b) => a.category_id - b.category_id || b.score - a.score,
  id: (a, b) => a.query - b.query,
};

class QueryGrid {
  constructor(studio) {
    this.studio = studio;
    this.stem = uniqueId("query");
    this.order = "score";
    this.show = "all";
    this.only = "";
    this.tiles = new Map();
    this.active = null; // the query the arrow keys stand on
    this.build();
    studio.on("document", () => this.clear());
    studio.on("queries", () => this.fill());
    studio.on("state", (news) => this.update(news));
    studio.on("choice", () => this.mark());
  }

  build() {
    const shows = ["all", "used", "unused"].map((show) => [show, say(`app.grid.show.${show}`)]);
    this.count = make("span", { class: "quiet count", "data-testid": "query-count" });
    this.orders = picker(say("app.grid.order"), [], (order) => this.arrange({ order }),
      { "data-testid": "query-order" });
    this.shows = picker(say("app.grid.show"), shows, (show) => this.arrange({ show }), { "data-testid": "query-show" });
    this.classes = picker(say("app.grid.class"), [], (only) => this.arrange({ only }),
      { "data-testid": "query-class" });
    this.list = make("div", { class: "tiles", role: "listbox", tabindex: "0", "aria-label": say("app.grid.label"),
      "data-testid": "queries", on: {
        keydown: (event) => this.walk(event),
        pointerdown: (event) => this.pointAt(event.target.closest(".tile")),
        click: (event) => this.pick(event.target.closest(".tile")),
        focus: () => this.setActive(this.active ?? this.shown()[0]?.query ?? null),
        pointerover: (event) => this.hover(event.target.closest(".tile")),
        pointerleave: () => this.studio.setHover(null),
      } });
    this.empty = make("p", { class: "quiet empty", hidden: true });
    this.legend = make("span", { class: "grid-legend quiet" }, make("span", { class: "thin-meter sample-meter" },
      make("span", { style: { "--share": 0.6 } })), say("app.grid.legend"));
    this.title = make("h3", {});
    this.about = make("p", { class: "grid-about", "data-testid": "per-pixel" }, say("app.per_pixel.about"));
    this.node = make("section",
      { class: "panel queries", "aria-label": say("app.grid.label"), data: { tab: "queries" } },
      make("header", { class: "panel-head" }, this.title, this.count, this.legend,
        make("div", { class: "panel-tools" }, this.orders, this.shows, this.classes)),
      this.about, this.list, this.empty);
  }

  /** The words and choices that suit the open model. */
  dress() {
    const { perPixel } = this.studio;
    const orders = perPixel ? PER_PIXEL_ORDERS : Object.keys(QUERY_ORDERS);
    if (!orders.includes(this.order)) [this.order] = orders;
    this.orders.replaceChildren(...orders.map((order) => (
      make("option", { value: order }, say(`app.grid.order.${order}`)))));
    this.orders.value = this.order;
    write(this.title, sayOf(this.studio, "app.grid.title"));
    for (const node of [this.node, this.list]) setWords(node, "aria-label", sayOf(this.studio, "app.grid.label"));
    this.about.hidden = !perPixel;
    this.legend.hidden = perPixel;
    this.classes.hidden = perPixel;
  }

  clear() {
    this.dress();
    this.tiles.clear();
    this.active = null;
    this.list.replaceChildren();
    write(this.count, say("app.grid.coming"));
  }

  fill() {
    this.tiles = new Map(this.studio.queries.rows.map((row) => (
      [row.query, new QueryTile(this.studio, row, `${this.stem}-${row.query}`)])));
    this.only = "";
    this.classes.replaceChildren(...this.classChoices());
    this.arrange({});
    this.mark();
  }

  classChoices() {
    const counts = new Map();
    for (const row of this.studio.queries.rows) counts.set(row.category_id, (counts.get(row.category_id) ?? 0) + 1);
    const named = [...counts].map(([id, count]) => [id, this.studio.category(id).name, count]);
    named.sort((a, b) => a[1].localeCompare(b[1], language.tag));
    const all = make("option", { value: "" }, say("app.grid.class.all"));
    return [all, ...named.map(([id, name, count]) => make("option", { value: id }, `${name} (${whole(count)})`))];
  }

  /** A stroke moves no query: then only the tiles of the segments it changed can look different. */
  update(news) {
    if (!this.studio.queries) return;
    const all = !news || news.fates || news.tables;
    const queries = all ? this.tiles.keys() : news.segments.flatMap((row) => row.queries);
    for (const query of queries) this.tiles.get(query)?.update();
    if (all) this.arrange({});
  }

  shown() {
    const { rows } = this.studio.queries ?? { rows: [] };
    const wanted = { all: () => true, used: isUsed, unused: (fate) => !isUsed(fate) }[this.show];
    return rows.filter((row) => wanted(this.studio.fates.get(row.query))
      && (this.only === "" || row.category_id === Number(this.only)))
      .sort(QUERY_ORDERS[this.order]);
  }

  arrange(change) {
    Object.assign(this, change);
    const rows = this.shown();
    const nodes = rows.map((row) => this.tiles.get(row.query).node);
    if (nodes.length !== this.list.children.length || nodes.some((node, i) => node !== this.list.children[i])) {
      this.list.replaceChildren(...nodes);
    }
    const total = this.studio.queries.rows.length;
    this.empty.hidden = rows.length > 0;
    write(this.empty, sayOf(this.studio, "app.grid.empty"));
    write(this.count, rows.length === total ? sayOf(this.studio, "app.grid.count", { count: total })
      : say("app.grid.count_of", { shown: whole(rows.length), total: whole(total) }));
  }

  mark() {
    for (const [query, tile] of this.tiles) {
      tile.node.setAttribute("aria-selected", String(query === this.studio.choice.query));
    }
    if (this.studio.choice.query !== null) this.setActive(this.studio.choice.query);
  }

  setActive(query) {
    this.tiles.get(this.active)?.node.classList.remove("active");
    this.active = query;
    const node = this.tiles.get(query)?.node;
    if (!node?.isConnected) return;
    node.classList.add("active");
    this.list.setAttribute("aria-activedescendant", node.id);
    keepInSight(this.list, node);
  }

  /** The tile of a query, or null where the filter leaves it out. */
  nodeOf(query) {
    const node = this.tiles.get(query)?.node;
    return node?.isConnected ? node : null;
  }

  /** Before the list gets the focus and with it scrolls to where the arrow keys stand: that is here now. */
  pointAt(node) {
    if (node) this.setActive(Number(node.dataset.query));
  }

  pick(node) {
    if (node) this.studio.chooseQuery(Number(node.dataset.query));
  }

  hover(node) {
    const fate = node ? this.studio.fates.get(Number(node.dataset.query)) : null;
    this.studio.setHover(fate?.segment_id ?? null);
  }

  walk(event) {
    const rows = this.shown();
    const columns = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -Infinity,
      End: Infinity };
    if (event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return;
    if (event.key === "Enter" || event.key === " ") this.pick(this.tiles.get(this.active)?.node);
    else if (event.key in steps) {
      const from = Math.max(0, rows.findIndex((row) => row.query === this.active));
      const to = from + steps[event.key];
      const leaves = Math.abs(steps[event.key]) === columns && (to < 0 || to >= rows.length);
      this.setActive(rows[leaves ? from : clamp(to, 0, rows.length - 1)].query);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Scrolls a list, and nothing around it, until a row is in sight. */
function keepInSight(list, node) {
  const frame = list.getBoundingClientRect();
  const box = node.getBoundingClientRect();
  if (box.top < frame.top) list.scrollTop -= frame.top - box.top + 6;
  else if (box.bottom > frame.bottom) list.scrollTop += box.bottom - frame.bottom + 6;
}
