// Doubt: entropy and margin as maps over the picture; a click on one asks who claims that pixel.

const DOUBT_MAPS = { entropy: (value) => value, margin: (value) => 255 - value }; // what is doubtful is bright
const MOST_DOUBTFUL = 12;

class DoubtPanel extends ExplainPanel {
  /** @param lookAt called with a place {x, y} of the picture to explain */
  constructor(studio, lookAt) {
    super(studio, "doubt");
    this.lookAt = lookAt;
    this.row = make("div", { class: "doubt-maps" });
    this.note = make("p", { class: "reading-note", role: "status", "data-testid": "doubt-note" });
    this.list = make("div", { class: "doubt-segments" });
    this.body.append(this.row, this.note, make("section", { class: "explain-part", "aria-label": say("app.explain.doubt.segments") },
      make("h5", {}, say("app.explain.doubt.segments")), this.list));
  }

  fields() {
    return {};
  }

  async draw(reply) {
    this.reply = reply;
    const names = Object.keys(DOUBT_MAPS);
    const maps = await Promise.all(names.map((name) => inflate(reply[name])));
    this.maps = Object.fromEntries(names.map((name, i) => [name, new Uint8Array(maps[i])]));
    this.row.replaceChildren(...names.map((name) => this.renderMap(name)));
    this.list.replaceChildren(...this.renderSegments(reply.segments));
    this.point(null);
  }

  renderMap(name) {
    const { studio, reply } = this;
    const { map_height: height, map_width: width } = reply;
    const plate = createPlate(studio, { role: "img", "aria-label": say(`app.explain.doubt.${name}`),
      data: { testid: `plate-${name}` }, on: { pointermove: (event) => this.point(placeOn(event, height, width)),
        pointerleave: () => this.point(null), click: (event) => this.press(placeOn(event, height, width)) } });
    paintPhotograph(plate, studio, { grey: true });
    const bright = DOUBT_MAPS[name];
    layWords(plate, Uint32Array.from(this.maps[name], (value) => ATTENTION_WORDS[bright(value)]), height, width);
    const mean = say("app.explain.doubt.mean", { mean: probability(reply[`mean_${name}`]) });
    const close = say("app.explain.doubt.close", { share: percentage(reply.close_share), close: reply.close });
    return make("figure", { class: "reading" }, make("h5", {}, say(`app.explain.doubt.${name}`)), plate,
      make("span", { class: "doubt-legend quiet" }, name === "entropy" ? "0" : "1", make("span", { class: "heat-ramp" }),
        name === "entropy" ? "1" : "0"),
      make("figcaption", {}, sayOf(studio, `app.explain.doubt.${name}_about`)),
      createHistogram(reply[`${name}_histogram`], name === "entropy" ? mean : joined([mean, close], "; ")));
  }

  point(place) {
    if (place === null) return void write(this.note, say("app.explain.doubt.point"));
    write(this.note, say("app.explain.doubt.here", { entropy: probability(this.maps.entropy[place] / 255),
      margin: probability(this.maps.margin[place] / 255) }));
  }

  press(place) {
    const { studio: { document: { height, width } }, reply: { map_height: rows, map_width: columns } } = this;
    const [x, y] = [place % columns, Math.floor(place / columns)];
    this.lookAt({ x: Math.floor(((x + 0.5) * width) / columns), y: Math.floor(((y + 0.5) * height) / rows) });
  }

  renderSegments(rows) {
    const { studio } = this;
    const head = make("div", { class: "doubt-row quiet" }, make("span", {}), make("span", {}, say("app.explain.doubt.entropy_short")),
      make("span", { class: "number" }), make("span", { class: "number" }, say("app.explain.doubt.margin_short")));
    const lines = rows.slice(0, MOST_DOUBTFUL).map((row) => button({ class: "doubt-row", data: { testid: `doubt-${row.segment_id}` } },
      () => studio.segments.has(row.segment_id) && studio.chooseSegment(row.segment_id),
      make("span", { class: "difference-name" }, dot(cssColor(row.color)), studio.category(row.category_id).name),
      make("span", { class: "bar-track" }, make("span", { class: "bar-fill", style: { "--share": row.entropy,
        "--dot": cssColor(row.color) } })),
      make("span", { class: "number" }, probability(row.entropy)), make("span", { class: "number" }, probability(row.margin))));
    return [head, ...lines];
  }
}

/** Shares of the picture by value from 0 to 1, as bars. */
function createHistogram(shares, words) {
  const most = Math.max(1e-9, ...shares);
  return make("div", { class: "histogram" }, make("div", { class: "histogram-bars", role: "img", "aria-label": words },
    shares.map((share) => make("span", { style: { "--share": share / most }, title: percentage(share) }))),
  make("span", { class: "quiet" }, words));
}
