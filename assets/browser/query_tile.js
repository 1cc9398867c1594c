// One query's tile: its piece of the sprite, best class, no-object share and what became of it.

/** Shows one query's piece of the sprite as a background that scales with the node. */
function showTile(node, queries, sprite, query) {
  const place = queries.rows.findIndex((row) => row.query === query);
  const column = place % queries.columns;
  const line = Math.floor(place / queries.columns);
  node.style.backgroundImage = `url("${sprite}")`;
  node.style.backgroundSize = `${queries.columns * 100}% ${queries.lines * 100}%`;
  node.style.backgroundPosition = `${share(column, queries.columns)}% ${share(line, queries.lines)}%`;
  node.style.aspectRatio = `${queries.tile_width} / ${queries.tile_height}`;
}

/** Percentage at which a background of `count` pieces shows the n-th. */
function share(n, count) {
  return count > 1 ? (100 * n) / (count - 1) : 0;
}

class QueryTile {
  constructor(studio, row, id) {
    this.studio = studio;
    this.row = row;
    this.picture = make("span", { class: "tile-picture" }, make("span", { class: "tile-number" }, String(row.query)));
    this.swatch = make("span", { class: "dot", "aria-hidden": "true" });
    this.fate = make("span", { class: "tile-fate" });
    const name = studio.category(row.category_id).name;
    this.number = make("span", { class: "tile-score" }, probability(row.score));
    this.node = make("div", { id, class: "tile", role: "option", "aria-selected": "false",
      data: { testid: `query-${row.query}`, query: row.query } },
    this.picture,
    make("span", { class: "tile-class" }, make("span", { class: "tile-name" }, name),
      this.number),
    make("span", { class: "thin-meter", hidden: studio.perPixel,
      title: say("app.grid.no_object", { p: probability(row.no_object) }) },
    make("span", { style: { "--share": row.no_object } })),
    make("span", { class: "tile-badge" }, this.swatch, this.fate));
    showTile(this.picture, studio.queries, studio.sprite, row.query);
    this.update();
  }

  /** After an edit only the badge changes, and the share of the picture that a class has. */
  update() {
    const { height, width } = this.studio.document;
    const won = this.studio.fates.get(this.row.query)?.won_area ?? 0;
    if (this.studio.perPixel) this.number.textContent = percentage(won / (height * width));
    const { kind, words, color } = fateBadge(this.studio, this.row.query);
    this.node.dataset.fate = kind;
    write(this.fate, words);
    this.swatch.hidden = color === null;
    if (color) this.swatch.style.setProperty("--dot", color);
    const name = this.studio.category(this.row.category_id).name;
    const all = sayOf(this.studio, "app.grid.tile", { query: this.row.query, name, score: probability(this.row.score),
      no_object: probability(this.row.no_object), fate: words });
    for (const attribute of ["aria-label", "title"]) setWords(this.node, attribute, all);
  }
}
