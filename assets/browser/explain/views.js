// Three views of the same N pairs next to each other, and what each says at the place that is pointed at.

const READINGS = ["semantic", "instance", "panoptic"];
const HATCH = 6; // pixels from line to line where instances overlap

class ViewsPanel extends ExplainPanel {
  constructor(studio) {
    super(studio, "views");
    this.row = make("div", { class: "readings" });
    this.note = make("p", { class: "reading-note", role: "status", "data-testid": "views-note" });
    this.differences = make("div", { class: "difference-rows" });
    this.body.append(this.row, this.note, make("section", { class: "explain-part", "aria-label": say("app.explain.views.differ") },
      make("h5", {}, say("app.explain.views.differ")), this.differences));
  }

  fields() {
    return {};
  }

  async draw(reply) {
    this.reply = reply;
    const size = reply.map_height * reply.map_width;
    const maps = await Promise.all([...READINGS, "overlap", "differs"].map((name) => inflate(reply[name])));
    READINGS.forEach((name, i) => { this[name] = new Uint16Array(maps[i], 0, size); });
    [this.overlap, this.differs] = maps.slice(3).map((map) => new Uint8Array(map));
    this.row.replaceChildren(...READINGS.map((reading) => this.renderReading(reading)));
    this.differences.replaceChildren(...this.renderDifferences(reply));
    this.point(null);
  }

  colors(reading) {
    const { classes, instances, segments } = this.reply;
    return { semantic: () => classes.map((row) => [row.class_index + 1, row.color]),
      instance: () => instances.map((row, i) => [i + 1, row.color]),
      panoptic: () => segments.map((row) => [row.segment_id, row.color]) }[reading]();
  }

  renderReading(reading) {
    const { studio, reply } = this;
    const { map_height: height, map_width: width } = reply;
    const plate = createPlate(studio, { role: "img", "aria-label": say(`app.explain.views.${reading}`),
      data: { testid: `plate-${reading}` }, on: { pointermove: (event) => this.point(placeOn(event, height, width)),
        pointerleave: () => this.point(null) } });
    paintPhotograph(plate, studio, { kept: 0.6, grey: true });
    layLabels(plate, this[reading], height, width, this.colors(reading), { nobodys: reading === "panoptic" });
    if (reading === "instance") this.hatch(plate);
    return make("figure", { class: "reading" }, make("h5", {}, say(`app.explain.views.${reading}`)), plate,
      make("figcaption", { "data-testid": `said-${reading}` }, this.sentence(reading)));
  }

  /** Light lines where several instances lie over each other. */
  hatch(plate) {
    const { map_height: height, map_width: width } = this.reply;
    const line = pixelWord([255, 255, 255], 220);
    const words = Uint32Array.from(this.overlap, (on, i) => (on && ((i % width) + Math.floor(i / width)) % HATCH < 2 ? line : 0));
    layWords(plate, words, height, width, false);
  }

  sentence(reading) {
    const { reply } = this;
    return say(`app.explain.views.${reading}_said`, { classes: whole(reply.classes.length),
      instances: whole(reply.instances.length), segments: whole(reply.segments.length),
      overlap: percentage(reply.overlap_share), most: whole(reply.most_instances_on_a_pixel),
      none: percentage(reply.no_instance_share), void: percentage(reply.void_share),
      differs: percentage(reply.differing_share) });
  }

  /** What the three say at one pixel of the maps. */
  point(place) {
    if (place === null) return void write(this.note, say("app.explain.views.point"));
    const { studio, reply } = this;
    const [seen, thing, made] = READINGS.map((reading) => this[reading][place]);
    const nameOf = (row) => studio.category(row.category_id).name;
    const instance = reply.instances[thing - 1];
    const segment = reply.segments.find((row) => row.segment_id === made);
    const said = [
      [say("app.explain.views.semantic"), studio.className(seen - 1)],
      [say("app.explain.views.instance"), instance ? `${nameOf(instance)} ${probability(instance.score)}` : say("app.hover.no_instance")],
      [say("app.explain.views.panoptic"), segment ? joined([nameOf(segment), say("app.inspector.segment", { id: made })], " · ")
        : say("app.hover.void")],
    ];
    write(this.note, joined(said.map((pair) => joined(pair, ": ")), "  |  "));
  }

  renderDifferences({ differences, differing_share: share }) {
    const { studio, reply: { map_height: height, map_width: width } } = this;
    const plate = createPlate(studio, { "aria-hidden": "true" }, 300);
    paintPhotograph(plate, studio, { kept: 0.5, grey: true });
    const ink = pixelWord(MASK_INK, 235);
    layWords(plate, Uint32Array.from(this.differs, (on) => (on ? ink : 0)), height, width, false);
    const total = studio.document.height * studio.document.width;
    const name = (id) => (id === null ? say("app.explain.views.void") : studio.category(id).name);
    const dotOf = (id) => (id === null ? null : dot(cssColor(studio.category(id).color)));
    const cell = (id) => make("span", { class: "difference-name" }, dotOf(id), name(id));
    const head = make("li", { class: "quiet" }, make("span", {}, say("app.explain.views.semantic")), make("span", {}),
      make("span", {}, say("app.explain.views.panoptic")), make("span", {}));
    const rows = differences.map(({ semantic, panoptic, area }) => make("li", {}, cell(semantic),
      make("span", { class: "quiet" }, "→"), cell(panoptic), make("span", { class: "number quiet" }, percentage(area / total))));
    return [plate, make("div", {}, make("p", { class: "explain-verdict" }, say("app.explain.views.share", { share: percentage(share) })),
      make("ul", { class: "difference-list" }, head, rows))];
  }
}

/** The index of the map's pixel under a pointer on a plate. */
function placeOn({ offsetX, offsetY, currentTarget }, height, width) {
  const x = clamp(Math.floor((offsetX / currentTarget.clientWidth) * width), 0, width - 1);
  const y = clamp(Math.floor((offsetY / currentTarget.clientHeight) * height), 0, height - 1);
  return y * width + x;
}
