// The part of the inspector about the tour: how far it is, why this segment, and the ways on without keys.

class TourCard {
  /** @param confirm what reviews the segment and goes on */
  constructor(tour, confirm) {
    this.tour = tour;
    this.progress = make("span", { class: "tour-progress", role: "status", "data-testid": "tour-progress" });
    this.meter = make("span", { class: "thin-meter", "aria-hidden": "true" }, make("span", {}));
    this.reasons = make("ul", { class: "reasons", "data-testid": "reasons" });
    const walk = (name, by) => iconButton(name, say(`app.tour.${name}`), () => tour.walk(by),
      { "data-testid": `tour-${name}` });
    const right = button({ class: "button", data: { testid: "tour-confirm" } }, confirm, icon("check"),
      make("span", {}, say("app.tour.confirm")));
    this.node = make("section", { class: "part tour", "aria-label": say("app.tour.title") },
      make("div", { class: "tour-head" }, this.progress, walk("before", -1), walk("after", 1)), this.meter,
      this.reasons, right);
  }

  render(segmentId) {
    const { tour, tour: { studio } } = this;
    const row = tour.row(segmentId);
    this.node.hidden = row === undefined;
    if (!row) return this.node;
    const { at, count, reviewed } = tour.standing(segmentId);
    const words = [say("app.tour.at", { at: whole(at), all: whole(count) }), ...(reviewed ? [say("app.tour.reviewed", { reviewed: whole(reviewed) })] : [])];
    write(this.progress, joined(words, " · "));
    this.meter.hidden = row.doubt === null;
    this.meter.style.setProperty("--share", row.doubt ?? 0);
    this.reasons.replaceChildren(...reasonsOf(studio, row).map((words) => make("li", {}, words)));
    return this.node;
  }
}
