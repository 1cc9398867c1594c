// The panel about the choice: a query, a segment, or how to begin.

class Inspector {
  constructor(studio, edits, toolbox, keymap, tourCard) {
    this.studio = studio;
    this.query = new QueryInspector(studio, edits);
    this.segment = new SegmentInspector(studio, edits, toolbox, keymap, tourCard);
    this.body = make("div", { class: "inspector-body", tabindex: "-1", "data-testid": "inspector" });
    this.node = make("section",
      { class: "panel inspector", "aria-label": say("app.inspector.title"), data: { tab: "inspector" } },
      make("header", { class: "panel-head" }, make("h3", {}, say("app.inspector.title"))), this.body);
    for (const event of ["choice", "state", "details", "queries"]) studio.on(event, () => this.render());
    keymap.onChange(() => this.render());
  }

  /** Fills the panel; what had the focus keeps it, or hands it to what took its place. */
  render() {
    if (!this.studio.state) return;
    const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
    const parts = this.content();
    const stays = parts.length === this.body.children.length && parts.every((part, i) => part === this.body.children[i]);
    if (!stays) this.body.replaceChildren(...parts);
    if (focused === null || focused === document.activeElement) return;
    const again = this.body.querySelector(`[data-testid="${focused.dataset.testid}"]:not(:disabled)`);
    (again ?? this.body).focus({ preventScroll: true });
  }

  content() {
    const { kind, query, segment } = this.studio.choice;
    if (kind === "segment") return this.segment.render(segment);
    if (kind === "query") return this.query.render(query);
    return [make("p", { class: "hint" }, sayOf(this.studio, "app.inspector.hint"))];
  }
}
