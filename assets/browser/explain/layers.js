// Layer by layer: a filmstrip of what one query was after each decoder layer, and where that layer looked.

class LayersPanel extends ExplainPanel {
  constructor(studio, work) {
    super(studio, "layers", { changedBy: ["state", "choice"], work, tiles: true });
    this.layer = null; // whose attention is shown; null: the last
    this.chooser = new QueryChooser(studio);
    this.verdict = make("p", { class: "explain-verdict", "data-testid": "layers-verdict" });
    this.film = make("div", { class: "film explain-scroll", role: "radiogroup",
      "aria-label": say("app.explain.layers.film"), on: { keydown: (event) => this.walk(event) } });
    this.heads = make("div", { class: "heads" });
    this.headsTitle = make("h5", {});
    this.settling = make("div", { class: "settling" });
    this.body.append(make("div", { class: "layers-head" }, this.chooser.node, this.verdict), this.film,
      make("section", { class: "explain-part", "aria-label": say("app.explain.layers.attention") }, this.headsTitle,
        this.heads, make("p", { class: "quiet explain-note" }, say("app.explain.layers.attention_about"))),
      make("section", { class: "explain-part", "aria-label": say("app.explain.layers.settling") },
        make("h5", {}, say("app.explain.layers.settling")), this.settling));
  }

  fields() {
    const query = this.chooser.query();
    return query === null ? null : { query };
  }

  /** Neither a threshold nor an edit changes what a query was; which queries are used does change. */
  async draw(reply) {
    this.reply = reply;
    this.chooser.show(reply.query);
    const [masks, attention] = await Promise.all([inflate(reply.masks), inflate(reply.attention)]);
    this.masks = new Uint8Array(masks);
    this.attention = new Uint8Array(attention);
    write(this.verdict, this.verdictWords(reply));
    this.film.replaceChildren(...reply.layers.map((row) => this.renderFrame(row)));
    this.settling.replaceChildren(...this.renderSettling(reply));
    this.showLayer(this.layer ?? reply.layers.length - 1);
  }

  verdictWords({ settled, beginnings, layers }) {
    const last = layers.at(-1);
    const name = last.is_object ? this.studio.category(last.category_id).name : say("app.fate.no_object");
    return say("app.explain.layers.verdict", { name, layer: lowered(layerName(settled, beginnings)) });
  }

  renderFrame(row) {
    const { studio, reply } = this;
    const { layer, is_object: isObject, score, no_object: nothing, iou } = row;
    const plate = createPlate(studio, { "aria-hidden": "true" }, 320);
    paintPhotograph(plate, studio, { kept: FAINT_KEPT, grey: true });
    const size = reply.mask_height * reply.mask_width;
    const values = this.masks.subarray(layer * size, (layer + 1) * size);
    layMask(plate, values, reply.mask_height, reply.mask_width, isObject ? MASK_INK : NOTHING_INK);
    const name = isObject ? studio.category(row.category_id).name : say("app.fate.no_object");
    const settles = layer === reply.settled;
    return button({ class: "frame", role: "radio", "aria-checked": "false", tabindex: "-1",
      data: { layer, testid: `frame-${layer}`, settles: settles ? "" : "no" } }, () => this.showLayer(layer),
    make("span", { class: "frame-title" }, layerName(layer, reply.beginnings),
      settles ? make("span", { class: "frame-badge" }, say("app.explain.layers.settles")) : null),
    plate,
    make("span", { class: "frame-class" }, make("span", { class: "frame-name" }, name),
      make("span", { class: "number" }, probability(isObject ? score : nothing))),
    make("span", { class: "thin-meter", title: say("app.explain.layers.iou", { iou: probability(iou) }) },
      make("span", { style: { "--share": iou } })),
    make("span", { class: "quiet frame-iou" }, say("app.explain.layers.iou", { iou: probability(iou) })));
  }

  showLayer(layer) {
    const { reply } = this;
    this.layer = Math.min(layer, reply.layers.length - 1);
    for (const frame of this.film.children) {
      const chosen = Number(frame.dataset.layer) === this.layer;
      frame.setAttribute("aria-checked", String(chosen));
      frame.tabIndex = chosen ? 0 : -1;
    }
    const decoder = this.layer - reply.beginnings;
    write(this.headsTitle, decoder < 0 ? say("app.explain.layers.attention_none")
      : say("app.explain.layers.attention_of", { layer: decoder + 1 }));
    this.heads.replaceChildren(...(decoder < 0 ? [] : this.renderHeads(decoder)));
  }

  renderHeads(decoder) {
    const { studio, reply: { heads, attention_height: height, attention_width: width } } = this;
    const size = height * width;
    return Array.from({ length: heads + 1 }, (_, i) => {
      const start = (decoder * (heads + 1) + i) * size;
      const plate = createPlate(studio, { "aria-hidden": "true" }, i === 0 ? PLATE_LONG_SIDE : 240);
      paintPhotograph(plate, studio, { grey: true });
      layWords(plate, wordsOf(this.attention.subarray(start, start + size), ATTENTION_WORDS), height, width);
      const words = i === 0 ? say("app.explain.layers.mean") : say("app.explain.layers.head", { head: i });
      return make("figure", { class: i === 0 ? "head head-mean" : "head", data: { testid: `head-${i}` } }, plate,
        make("figcaption", { class: "quiet" }, words));
    });
  }

  renderSettling({ settling, used, beginnings }) {
    const most = Math.max(1, ...settling);
    return settling.map((count, layer) => make("div", { class: "bar", data: { testid: `settling-${layer}` } },
      make("span", { class: "bar-name" }, layerName(layer, beginnings)),
      make("span", { class: "bar-track" }, make("span", { class: "bar-fill",
        style: { "--share": count / most, "--dot": "var(--primary-500)" } })),
      make("span", { class: "bar-value", title: say("app.explain.layers.of_used", { shown: count, used }) }, whole(count))));
  }

  walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.showLayer(clamp(this.layer + step, 0, this.reply.layers.length - 1));
    this.film.querySelector("[aria-checked=true]").focus();
  }
}

/** The decoder layer counted from 1, or the beginning. */
function layerName(layer, beginnings) {
  const number = layer + 1 - beginnings;
  return number > 0 ? say("app.explain.layers.layer", { layer: number }) : say("app.explain.layers.start");
}

/** The query that a panel is about: the choice of the page, else the surest one of the result; and the one before and after. */
class QueryChooser {
  constructor(studio) {
    this.studio = studio;
    this.tile = make("span", { class: "inspector-tile", "aria-hidden": "true" });
    this.words = make("span", { class: "chooser-words" });
    const step = (name, by) => iconButton(name, say(`app.explain.query.${name}`), () => this.step(by),
      { "data-testid": `chooser-${name}` });
    this.node = make("div", { class: "query-chooser" }, step("before", -1), this.tile, this.words, step("after", 1));
  }

  /** The number, or null while the queries are on their way. */
  query() {
    const { choice, queries, fates } = this.studio;
    if (choice.query !== null) return choice.query;
    const rows = queries?.rows.filter((row) => isUsed(fates.get(row.query))) ?? [];
    return (rows.length > 0 ? rows : queries?.rows ?? []).toSorted((a, b) => b.score - a.score)[0]?.query ?? null;
  }

  show(query) {
    const { studio } = this;
    this.shown = query;
    if (studio.queries) showTile(this.tile, studio.queries, studio.sprite, query);
    const row = studio.queries?.rowOf.get(query);
    this.words.replaceChildren(make("b", {}, say("app.inspector.query", { query })),
      make("span", { class: "quiet" }, row ? studio.category(row.category_id).name : ""));
  }

  /** The next one in the order of scores. */
  step(by) {
    const rows = this.studio.queries.rows.toSorted((a, b) => b.score - a.score);
    const at = rows.findIndex((row) => row.query === this.shown);
    this.studio.chooseQuery(rows[(at + by + rows.length) % rows.length].query);
  }
}
