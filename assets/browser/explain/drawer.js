// Explain: one place beside the picture, where each panel shows one step of the way from N queries to the result.
//
// Nothing is asked of the server before a panel is opened.

const SAVE_KINDS = { png: "image/png", svg: "image/svg+xml", json: "application/json", csv: "text/csv" };

class Explain {
  constructor(studio, panels) {
    Object.assign(this, { studio, panels, current: panels[0], isOpen: false });
    this.changed = () => {}; // set by whoever makes room for it
    this.build();
    studio.on("document", () => this.isOpen && this.current.show());
  }

  build() {
    this.tabs = this.panels.map((panel) => button({ class: "explain-tab", role: "tab", "aria-selected": "false",
      tabindex: "-1", data: { testid: `explain-tab-${panel.name}`, panel: panel.name } }, () => this.choose(panel),
      say(`app.explain.${panel.name}.tab`)));
    const strip = make("div", { class: "explain-tabs", role: "tablist", "aria-label": say("app.explain.panels"),
      on: { keydown: (event) => this.walk(event) } }, this.tabs);
    const close = iconButton("close", say("app.explain.close"), () => this.close(), { "data-testid": "explain-close" });
    this.body = make("div", { class: "explain-body" });
    const saves = Object.keys(SAVE_KINDS).map((kind) => button({ class: "button save-kind",
      title: say(`app.explain.save.${kind}`), data: { testid: `explain-save-${kind}` } }, () => this.save(kind),
      kind.toUpperCase()));
    this.node = make("section", { class: "panel explain", hidden: true, "aria-label": say("app.explain.title"),
      data: { tab: "explain", testid: "explain" }, on: { keydown: (event) => this.escape(event) } },
    make("header", { class: "panel-head explain-head" }, strip, close),
    this.body,
    make("div", { class: "explain-foot" }, icon("download"), make("span", { class: "quiet" }, say("app.explain.save")),
      make("div", { class: "save-kinds" }, saves)));
    this.mark();
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open(name = this.current.name) {
    if (!this.studio.document) return;
    this.isOpen = true;
    this.node.hidden = false;
    this.changed();
    this.choose(this.panels.find((panel) => panel.name === name));
    this.tabs[this.panels.indexOf(this.current)].focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.current.hide();
    this.node.hidden = true;
    this.studio.setHint(null);
    this.changed();
  }

  choose(panel) {
    if (this.current !== panel) this.current.hide();
    this.current = panel;
    this.mark();
    if (this.isOpen) panel.show();
  }

  mark() {
    this.tabs.forEach((tab, i) => {
      const chosen = this.panels[i] === this.current;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen && this.isOpen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    this.body.replaceChildren(this.current.node);
  }

  walk(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.panels.indexOf(this.current);
    const to = clamp(from + steps[event.key], 0, this.panels.length - 1);
    this.choose(this.panels[to]);
    this.tabs[to].focus();
  }

  escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  async save(kind) {
    const { studio, current } = this;
    if (current.drawn === null) return;
    const reply = await studio.during(() => current.save(kind));
    if (reply) saveFile(reply.file_name, reply.file, SAVE_KINDS[kind]);
  }
}
