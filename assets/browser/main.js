// Assembles the workbench in the element Gradio gives us.
//
// Stable marks for tests. On [data-testid=workbench]: data-ready (id of the document whose first paint is done),
// data-queries (its id once the grid is filled), data-version, data-view, data-per-pixel, aria-busy. Test ids: start, language,
// introduction (the tour), introduction-offer|take|refuse|open|at|title|words|skip|back|next|light-0|light-1,
// drop-zone, file-input, sample-NAME, opening, new-picture, document-name, model and start-model (buttons), model-menu,
// models (the listbox), model-NAME, model-search, download, download-cancel, model-note, leaving,
// leave-stay|go, undo, redo, export, keys, notice, stage, hover, view-panoptic|semantic|instances|query,
// opacity, show-outlines|names|heat, threshold-score|overlap, queries (the listbox), query-N, query-order|show|class,
// per-pixel (the sentence), segments, segment-N, inspector, inspector-title, fate, seed, distribution, neighbour-N, promote,
// switch, show-segment, saved (data-mood), tool-NAME, mode-NAME, brush-size, only-void, new-class, shape, shape-NAME,
// number-NAME, segment-shape-NAME, segment-number-NAME, mark-locked|reviewed, claims (the listbox), claim-QUERY, key-sheet, key-ACTION, key-note, keys-reset, relabel-CATEGORY, boxed, alike, tour, tour-before|after|confirm|progress, reasons, offer, offer-words,
// offer-take|refuse|all|before|after,
// category-search, category-CATEGORY, delete-next|void, album, album-open|rename|remove-ID, export-all, import-open,
// import-picture|annotations|act, rule-NAME, unknown-CATEGORY, categories-open, category-name|color|kind|remove-ID.

const TABS = ["queries", "inspector", "segments", "explain"]; // panels that share one place on a narrow screen

class Workbench {
  constructor(root, { trigger, server }) {
    this.root = root;
    root.tabIndex = -1; // a click on any bare place keeps the focus, and so the keys, in the workbench
    this.notices = new Notices();
    this.studio = new Studio(createAsk(server), this.notices);
    this.edits = new Edits(this.studio);
    this.leaving = new Leaving(this.edits);
    this.source = new PictureSource(this.studio, trigger, this.leaving);
    this.modelSwitch = new ModelSwitch(this.studio, trigger, this);
    this.source.models = this.modelSwitch.models;
    this.importing = new ImportDialog(this.studio, this.edits, this.source);
    this.categories = new CategoryEditor(this.studio, this.edits);
    this.stage = new Stage(this.studio);
    this.list = new SegmentList(this.studio);
    this.grid = new QueryGrid(this.studio);
    this.work = new ModelWork(this.studio, server);
    this.toolbox = new Toolbox(this.studio, this.edits, this.stage, this.work);
    this.keymap = new Keymap();
    this.keySheet = new KeySheet(this.keymap);
    this.tour = new Tour(this.studio, this.edits);
    this.inspector = new Inspector(this.studio, this.edits, this.toolbox, this.keymap,
      new TourCard(this.tour, () => this.keys.confirm()));
    const pixel = new PixelPanel(this.studio, this.stage);
    const lookAt = (place) => (pixel.hold(place), this.explain.open("pixel"));
    this.explain = new Explain(this.studio, [pixel,
      new LayersPanel(this.studio, this.work), new AssemblyPanel(this.studio),
      new MatchingPanel(this.studio), new ViewsPanel(this.studio),
      new DoubtPanel(this.studio, lookAt), new ComparePanel(this.studio, this.work, this.modelSwitch.models),
      new PicturesPanel(this.studio, this.work, (row) => this.source.stored(row))]);
    this.introduction = new Introduction(this);
    this.build();
    this.listen();
    this.keys = new Keys(this);
  }

  build() {
    const display = new Display(this.studio, this.stage);
    const thresholds = this.thresholds = new Thresholds(this.studio, this.edits);
    const strip = this.strip = new ToolStrip(this.toolbox, this.keymap);
    const toolbar = this.toolbar = new Toolbar(this.studio, this.edits, this.source, this.modelSwitch.button("model"), this.keySheet);
    toolbar.node.querySelector(".toolbar-end").prepend(this.buildExplainButton(), ...this.buildDoors());
    this.list.tools.append(...this.buildWays());
    this.tabs = this.buildTabs();
    this.veilWords = make("span", {});
    const back = button({ class: "button" }, () => this.source.stop(), say("app.opening.back"));
    this.veil = make("div", { class: "veil", hidden: true, role: "status", "data-testid": "opening" },
      runningBar(), this.veilWords, back);
    this.start = make("div", { class: "start", "data-testid": "start" },
      make("div", { class: "start-model" }, make("span", { class: "quiet" }, say("app.model.label")),
        this.modelSwitch.button("start-model")),
      this.introduction.offer, this.source.node,
      button({ class: "link", data: { testid: "open-annotated" } }, () => this.importing.show(),
        say("app.import.with")));
    this.desk = make("div", { class: "desk", hidden: true }, toolbar.node,
      make("div", { class: "columns" },
        make("div", { class: "main-column" },
          make("div", { class: "panel stage-panel" },
            make("div", { class: "stage-head" }, display.views, display.zoom), strip.node, this.stage.node,
            make("div", { class: "stage-foot" }, display.node, thresholds.node)),
          this.tabs, this.grid.node),
        make("div", { class: "side-column" }, this.list.node, this.inspector.node, this.explain.node)));
    this.root.replaceChildren(make("div", { class: "progress", "aria-hidden": "true" }), this.start, this.desk,
      this.veil, toolbar.chooser, this.keySheet.node, this.modelSwitch.menu.node, this.leaving.node,
      this.importing.node, this.categories.node, this.introduction.card.node);
    this.notices.settle(this.root);
    this.showTab("queries");
    dressHeader(this.introduction);
  }

  /** The ways to annotations from elsewhere and to the categories. */
  buildDoors() {
    const door = (name, words, open) => iconButton(name, words, open, { "data-testid": `${name}-open` });
    return [door("import", say("app.import.button"), () => this.importing.show(false)),
      door("categories", say("app.categories.title"), () => this.categories.open())];
  }

  /** Explain beside the picture, or in the tabs where there is no room beside it. */
  buildExplainButton() {
    const { explain, keymap } = this;
    const node = button({ class: "button explain-open", "aria-pressed": "false", title: say("app.explain.open"),
      "aria-label": say("app.explain.title"), data: { testid: "explain-open" } }, () => explain.toggle(), icon("explain"),
    make("span", {}, say("app.explain.title")), kbd(""));
    const name = () => write(node.lastChild, chordWords(keymap.of("explain")));
    keymap.onChange(name);
    name();
    explain.changed = () => {
      node.setAttribute("aria-pressed", String(explain.isOpen));
      this.root.toggleAttribute("data-explaining", explain.isOpen);
      this.showTab(explain.isOpen ? "explain" : "queries");
    };
    return node;
  }

  /** What works on many segments, over their list. */
  buildWays() {
    const way = (name, act) => iconButton(name, say(`app.${name}.button`), act, { "data-testid": name });
    return [way("tour", () => this.tour.walk(1))];
  }

  buildTabs() {
    const tabs = TABS.map((tab) => button({ class: "segmented-choice", data: { tab, testid: `tab-${tab}` } },
      () => this.turnTo(tab), say(`app.tab.${tab}`)));
    return make("div", { class: "segmented tabs", role: "group", "aria-label": say("app.tab.label") }, tabs);
  }

  turnTo(tab) {
    if (tab === "explain") return void this.explain.open();
    this.explain.close();
    this.showTab(tab);
  }

  showTab(name) {
    this.root.dataset.tab = name;
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
  }

  showDesk() {
    const { studio } = this;
    this.start.hidden = true;
    this.desk.hidden = false;
    this.root.toggleAttribute("data-per-pixel", studio.perPixel);
    write(this.tabs.firstChild, sayOf(studio, "app.tab.queries"));
    if (studio.perPixel && studio.view === "instances") studio.setView("panoptic");
  }

  listen() {
    const { root, studio, source } = this;
    const open = () => studio.document.id;
    studio.on("document", () => this.showDesk());
    studio.on("state", () => {
      root.dataset.version = studio.state.version;
      requestAnimationFrame(() => { root.dataset.ready = open(); });
    });
    studio.on("queries", () => { root.dataset.queries = open(); });
    studio.on("view", () => { root.dataset.view = studio.view; });
    studio.on("busy", () => root.setAttribute("aria-busy", String(studio.jobs > 0)));
    studio.on("choice", () => studio.choice.kind === "segment" && !this.explain.isOpen && this.showTab("inspector"));
    source.changed = () => {
      this.veil.hidden = !source.opening;
      write(this.veilWords, source.waiting ?? "");
    };
    source.annotated = (files) => this.importing.take(files);
    source.album.refresh();
    studio.on("document", () => source.album.refresh());
    source.listen(root);
  }
}

/** A bar that runs while work of unknown length goes on, unless the person asked for little motion. */
function runningBar() {
  const bar = make("span", { class: "running", "aria-hidden": "true" });
  const steps = [{ transform: "translateX(-100%)" }, { transform: "translateX(250%)" }];
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    bar.animate(steps, { duration: 1400, iterations: Infinity, easing: "ease-in-out", pseudoElement: "::after" });
  }
  return bar;
}

const workbench = new Workbench(element.querySelector(".studio"), { trigger, server });
watch("value", () => workbench.source.answered(props.value));
workbench.source.answered(props.value);
