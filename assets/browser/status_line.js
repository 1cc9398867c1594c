// The fixed line under the picture: what lies under the cursor, else the choice, else what one can do here.

class StatusLine {
  constructor(studio, stage) {
    Object.assign(this, { studio, stage });
    this.note = make("span", { class: "status-note" });
    this.place = make("span", { class: "status-place", "data-testid": "place" });
    this.zoom = make("span", { class: "status-zoom", "data-testid": "zoom" });
    this.voice = make("span", { class: "voice", role: "status", "data-testid": "voice" }); // the choice, for who hears it
    this.node = make("div", { class: "status-line", "data-testid": "hover" }, this.note, this.place, this.zoom,
      this.voice);
    studio.on("choice", () => { write(this.voice, studio.choice.kind ? this.chosen().words : ""); });
  }

  tell() {
    const { place, viewport } = this.stage;
    const { color, words } = this.meant(place) ?? this.pointed(place) ?? this.chosen();
    const shown = `${color} ${words}`;
    if (shown !== this.shown) this.note.replaceChildren(...(color ? [dot(cssColor(color))] : []), make("span", {}, words));
    this.shown = shown;
    write(this.place, place ? say("app.hover.place", { x: place.x, y: place.y }) : "");
    write(this.zoom, viewport.view ? wholePercentage(viewport.view.scale * viewport.view.density) : "");
  }

  /** What a click with the tool in hand would do. */
  meant(place) {
    const words = place && this.stage.surface && this.stage.tool?.words?.(place);
    return words ? { words } : null;
  }

  pointed(place) {
    const { studio, stage: { surface } } = this;
    if (!place && studio.hover !== null) return this.segment(studio.hover);
    if (!place) return null;
    if (!surface) return this.heat(place);
    const label = surface.labels.at(place.x, place.y);
    return { color: surface.colors.get(label), words: surface.words(label) };
  }

  heat(place) {
    const { studio } = this;
    const { query } = studio.choice;
    const detail = studio.details.get(query);
    if (!detail) return { words: sayOf(studio, "app.hover.choose_query") };
    const said = { query, name: studio.className(query), p: probability(heatAt(detail, studio.document, place) / 255) };
    return { words: sayOf(studio, "app.hover.heat", said) };
  }

  chosen() {
    const { studio } = this;
    const { kind, query, segment } = studio.choice;
    if (kind === "segment") return this.segment(segment);
    if (kind === "query") return { words: sayOf(studio, "app.hover.query", { query, fate: fateWords(studio, query) }) };
    return { words: sayOf(studio, studio.view === "query" ? "app.hover.choose_query" : "app.hover.hint") };
  }

  segment(segmentId) {
    const words = segmentWords(this.studio, this.studio.segments.get(segmentId));
    return { color: this.studio.segmentColor(segmentId), words };
  }
}
