// The pixel inspector: who claims the pixel under the cursor, and the sums that decide its class.

class PixelPanel extends ExplainPanel {
  constructor(studio, stage) {
    super(studio, "pixel", { tiles: true });
    Object.assign(this, { stage, place: null, pinned: false });
    this.pin = make("span", { class: "explain-pin", hidden: true, "aria-hidden": "true" });
    stage.viewport.node.append(this.pin);
    stage.companions.push({
      pointed: (place) => this.inSight && !this.pinned && place && this.move(place),
      clicked: (place) => this.inSight && this.hold(place),
      moved: (view) => this.placePin(view),
    });
    this.fieldsRow = this.buildPlace();
    this.verdicts = make("div", { class: "verdicts" });
    this.claims = make("div", { class: "claim-rows" });
    this.stacks = make("div", { class: "stack-rows" });
    this.notes = ["claims", "classes"].map((name) => [`app.explain.pixel.${name}_about`, make("p", { class: "quiet explain-note" })]);
    this.body.append(this.fieldsRow, this.verdicts, this.part("app.explain.pixel.claims", this.claims, this.notes[0][1]),
      this.part("app.explain.pixel.classes", this.stacks, this.notes[1][1]));
    studio.on("document", () => this.forget());
    studio.on("choice", () => this.mark());
  }

  forget() {
    Object.assign(this, { place: null, pinned: false });
    this.hold_.setAttribute("aria-pressed", "false");
  }

  part(title, content, note) {
    return make("section", { class: "explain-part", "aria-label": say(title) }, make("h5", {}, say(title)), content, note);
  }

  buildPlace() {
    const field = (axis) => make("label", { class: "pixel-axis" }, make("span", { class: "quiet" }, axis),
      make("input", { type: "number", class: "field", min: "0", step: "1", "data-testid": `pixel-${axis}`,
        "aria-label": say(`app.explain.pixel.${axis}`), on: { change: () => this.typed() } }));
    [this.xField, this.yField] = ["x", "y"].map(field);
    this.hold_ = toggle(say("app.explain.pixel.pinned"), false, (on) => this.setPinned(on),
      { "data-testid": "pixel-pinned", title: say("app.explain.pixel.pinned_title") });
    return make("div", { class: "pixel-place" }, this.xField, this.yField, this.hold_);
  }

  enter() {
    for (const [about, note] of this.notes) write(note, sayOf(this.studio, about));
    this.place ??= this.begin();
    this.settle();
  }

  leave() {
    this.pin.hidden = true;
  }

  /** Where one looks first: the chosen segment, or the middle. */
  begin() {
    const { segments, choice, document: { height, width } } = this.studio;
    const [x, y] = segments.get(choice.segment)?.anchor_xy ?? [width >> 1, height >> 1];
    return { x, y };
  }

  fields() {
    return { x: this.place.x, y: this.place.y };
  }

  move(place) {
    this.place = { x: place.x, y: place.y };
    this.settle();
    this.refresh();
  }

  hold(place) {
    this.place = { x: place.x, y: place.y };
    this.setPinned(true);
    if (this.inSight) this.refresh();
  }

  setPinned(on) {
    this.pinned = on;
    this.hold_.setAttribute("aria-pressed", String(on));
    this.settle();
  }

  typed() {
    const { height, width } = this.studio.document;
    const [x, y] = [this.xField, this.yField].map((field) => Math.round(Number(field.lastChild.value) || 0));
    this.hold({ x: clamp(x, 0, width - 1), y: clamp(y, 0, height - 1) });
  }

  settle() {
    for (const [field, value] of [[this.xField, this.place.x], [this.yField, this.place.y]]) {
      if (field.lastChild !== document.activeElement) field.lastChild.value = value;
    }
    this.placePin(this.stage.viewport.view);
  }

  placePin(view) {
    this.pin.hidden = !this.inSight || !this.pinned || !view || !this.place;
    if (this.pin.hidden) return;
    const [x, y] = view.toScreen(this.place.x + 0.5, this.place.y + 0.5);
    this.pin.style.transform = `translate(${x}px, ${y}px)`;
  }

  draw(reply) {
    this.settle();
    this.verdicts.replaceChildren(...this.renderVerdicts(reply));
    this.claims.replaceChildren(...reply.queries.map((row) => this.renderClaim(row, reply)));
    const longest = Math.max(0.25, ...reply.classes.map(({ score }) => score));
    this.stacks.replaceChildren(...reply.classes.map((row) => this.renderStack(row, reply, longest)));
    this.mark();
  }

  /** The claim of the chosen query. */
  mark() {
    const { query } = this.studio.choice;
    for (const row of this.claims.children) row.setAttribute("aria-pressed", String(Number(row.dataset.query) === query));
  }

  renderVerdicts({ winner, margin, semantic, semantic_margin: lead, queries, segment_id: segment }) {
    const { studio } = this;
    const won = queries.find((row) => row.query === winner);
    const panoptic = won
      ? sayOf(studio, isDropped(won) ? "app.explain.pixel.dropped" : "app.explain.pixel.won", { query: winner, name: studio.category(won.category_id).name,
        margin: probability(margin) })
      : say("app.explain.pixel.nobody");
    const now = studio.segments.get(segment);
    const rows = [
      ["panoptic", panoptic, won && studio.category(won.category_id).color],
      ["semantic", say("app.explain.pixel.class", { name: studio.category(semantic).name, margin: probability(lead) }),
        studio.category(semantic).color],
      ["picture", now ? say("app.explain.pixel.segment", { id: segment, name: studio.category(now.category_id).name })
        : say("app.hover.void"), now && studio.segmentColor(segment)],
    ];
    return rows.map(([name, words, color]) => make("div", { class: "verdict", data: { testid: `pixel-${name}` } },
      make("span", { class: "quiet" }, say(`app.explain.pixel.${name}`)),
      make("span", { class: "verdict-words" }, color ? dot(cssColor(color)) : null, words)));
  }

  renderClaim(row, { winner }) {
    const { studio } = this;
    const { query, score, mask_probability: mask, claim, takes_part: takesPart } = row;
    const tile = make("span", { class: "claim-tile", "aria-hidden": "true" });
    if (studio.queries) showTile(tile, studio.queries, studio.sprite, query);
    const name = studio.category(row.category_id).name;
    const product = studio.perPixel ? probability(claim) : `${probability(score)} × ${probability(mask)} = ${probability(claim)}`;
    const track = make("span", { class: "claim-track", style: { "--mask": mask, "--claim": claim,
      "--dot": cssColor(row.color) } }, make("span", { class: "claim-mask" }), make("span", { class: "claim-fill" }));
    return button({ class: "claim-row", "aria-current": query === winner ? "true" : null,
      data: { query, testid: `pixel-query-${query}`, part: takesPart ? "in" : "out" } }, () => studio.chooseQuery(query),
      tile, make("span", { class: "claim-name" }, make("b", {}, String(query)), ` ${name}`),
      make("span", { class: "claim-fate quiet" }, query === winner && !isDropped(row) ? say("app.explain.pixel.wins")
        : fateBadge(studio, query).words),
      track, make("span", { class: "claim-product" }, product));
  }

  renderStack({ category_id: id, score, parts, rest }, { semantic }, longest) {
    const { studio } = this;
    const name = studio.category(id).name;
    const pieces = parts.map(({ query, value, color }) => button({ class: "stack-part", tabindex: "-1",
      style: { "--share": value / longest, "--dot": cssColor(color), "--over": inkOn(color) },
      data: { query, testid: `stack-${id}-${query}` }, title: sayOf(studio, "app.explain.pixel.adds", { name, query, value: probability(value) }),
      on: pointsAt(studio, query) }, () => studio.chooseQuery(query),
      value / longest > 0.05 ? String(query) : ""));
    const others = make("span", { class: "stack-rest", style: { "--share": rest / longest },
      title: say("app.explain.pixel.rest", { value: probability(rest) }) });
    const words = parts.map(({ query, value }) => sayOf(studio, "app.explain.pixel.adds", { name, query, value: probability(value) }));
    return make("div", { class: "stack-row", "aria-current": id === semantic ? "true" : null,
      data: { testid: `pixel-class-${id}` } },
    make("span", { class: "stack-name", title: name }, name),
    make("span", { class: "stack", role: "img", "aria-label": joined(words, ", ") }, pieces, others),
    make("span", { class: "stack-score" }, probability(score)));
  }
}

/** True where a query's claim is the largest and its pixels are void all the same: it fails the overlap test. */
function isDropped({ fate }) {
  return fate === "overlapped";
}

/** Black or white, whichever is read better on a colour (ITU-R BT.601 luma). */
function inkOn([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000" : "#fff";
}
