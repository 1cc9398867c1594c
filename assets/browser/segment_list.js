// The segments of the result as a table: sortable by column, hovering lights them up, a click chooses.

const SEGMENT_COLUMNS = [
  { key: "class", order: (studio) => (a, b) => className(studio, a).localeCompare(className(studio, b), language.tag) },
  { key: "score", order: () => (a, b) => b.score - a.score },
  { key: "area", order: () => (a, b) => b.area - a.area },
  { key: "query", order: () => (a, b) => (a.queries[0] ?? Infinity) - (b.queries[0] ?? Infinity) },
  { key: "kind", order: (studio) => (a, b) => isThing(studio, b) - isThing(studio, a) },
];

function className(studio, row) {
  return studio.category(row.category_id).name;
}

function isThing(studio, row) {
  return studio.category(row.category_id).is_thing;
}

class SegmentList {
  constructor(studio) {
    this.studio = studio;
    this.sorted = "area";
    this.turned = false;
    this.rows = new Map();
    this.marked = { hovered: null, chosen: null }; // rows
    this.build();
    studio.on("state", (news) => this.fill(news));
    studio.on("choice", () => this.mark());
    studio.on("hover", () => this.mark());
  }

  build() {
    this.count = make("span", { class: "quiet count", "data-testid": "segment-count" });
    this.tools = make("div", { class: "panel-tools" });
    this.heads = SEGMENT_COLUMNS.map(({ key }) => make("th", { scope: "col", class: `column-${key}` },
      button({ class: "column", data: { testid: `sort-${key}` } }, () => this.sort(key), say(`app.segments.${key}`),
        icon("sort"))));
    this.body = make("tbody", { on: { pointerleave: () => this.studio.setHover(null) } });
    this.scroll = make("div", { class: "table-scroll", "data-testid": "segments" },
      make("table", {}, make("thead", {}, make("tr", {}, this.heads)), this.body));
    this.node = make("section",
      { class: "panel segments", "aria-label": say("app.segments.title"), data: { tab: "segments" } },
      make("header", { class: "panel-head" }, make("h3", {}, say("app.segments.title")), this.count, this.tools), this.scroll);
  }

  sort(key) {
    this.turned = this.sorted === key && !this.turned;
    this.sorted = key;
    this.fill();
  }

  /** Segments in the order of the table. */
  ordered() {
    const order = SEGMENT_COLUMNS.find(({ key }) => key === this.sorted).order(this.studio);
    const rows = [...this.studio.segments.values()].sort((a, b) => order(a, b) || b.area - a.area);
    return this.turned ? rows.reverse() : rows;
  }

  /** With news only the rows of changed segments are built anew. */
  fill(news) {
    if (!this.studio.state) return;
    const focused = this.body.contains(document.activeElement) && document.activeElement.closest("tr").dataset.segment;
    const rows = this.ordered();
    const kept = new Map(news && !news.tables ? this.rows : []);
    for (const { segment_id: id } of news?.segments ?? []) kept.delete(id);
    this.rows = new Map(rows.map((row) => [row.segment_id, kept.get(row.segment_id) ?? this.buildRow(row)]));
    adoptChildren(this.body, [...this.rows.values()]);
    write(this.count, say("app.segments.count", { count: rows.length }));
    this.heads.forEach((head, i) => head.setAttribute("aria-sort", this.sortOf(SEGMENT_COLUMNS[i].key)));
    if (focused && !this.body.contains(document.activeElement)) {
      this.rows.get(Number(focused))?.querySelector("button").focus();
    }
    this.mark();
  }

  sortOf(key) {
    if (key !== this.sorted) return "none";
    const falling = key === "score" || key === "area";
    return falling !== this.turned ? "descending" : "ascending";
  }

  buildRow(row) {
    const { studio } = this;
    const category = studio.category(row.category_id);
    const share = row.area / (studio.document.height * studio.document.width);
    const choose = () => studio.chooseSegment(row.segment_id);
    const mark = (name, key) => make("span", { class: "edited", role: "img", "aria-label": say(`app.segments.${key}`),
      title: say(`app.segments.${key}`) }, icon(name));
    return make("tr", { data: { testid: `segment-${row.segment_id}`, segment: row.segment_id },
      on: { click: choose, pointerenter: () => studio.setHover(row.segment_id) } },
    make("td", { class: "column-class" },
      button({ class: "row-button" }, (event) => (event.stopPropagation(), choose()),
      dot(cssColor(studio.segmentColor(row.segment_id))), make("span", { class: "row-name" }, category.name),
      row.touched ? mark("edited", "touched") : null, row.reviewed ? mark("check", "reviewed") : null,
      row.locked ? mark("lock", "locked") : null)),
    make("td", { class: "number column-score" }, probability(row.score)),
    make("td", { class: "number", title: say("app.segments.pixels", { count: row.area }) }, percentage(share)),
    make("td", { class: "number column-query" }, row.queries.length > 0 ? row.queries.join(", ") : "–"),
    make("td", { class: "column-kind" }, say(category.is_thing ? "app.segments.thing" : "app.segments.stuff")));
  }

  mark() {
    const { choice, hover } = this.studio;
    this.move("hovered", this.rows.get(hover) ?? null);
    this.marked.chosen?.removeAttribute("aria-current");
    const chosen = this.rows.get(choice.segment) ?? null;
    chosen?.setAttribute("aria-current", "true");
    if (this.move("chosen", chosen) && chosen) keepInSight(this.scroll, chosen);
  }

  /** Gives a mark to another row; false where that one has it already. */
  move(mark, row) {
    const before = this.marked[mark];
    if (before === row) return false;
    before?.classList.remove(mark);
    row?.classList.add(mark);
    this.marked[mark] = row;
    return true;
  }
}

/** Makes nodes the children of a parent, in their order; those that stand right are left alone. */
function adoptChildren(parent, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  let here = parent.firstChild;
  for (const node of nodes) {
    if (node === here) here = here.nextSibling;
    else parent.insertBefore(node, here);
  }
}
