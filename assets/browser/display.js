// How the stage is shown: the view, opacity, outlines, names, others or the chosen alone, the picture's look, zoom.

const VIEWS = ["panoptic", "semantic", "instances", "query"];
const FLAG_VIEWS = { heat: ["query"], alone: ["panoptic"] }; // the others stand in every view but the heat's
const [DARKEST, BRIGHTEST] = [0.4, 2.4]; // factors

class Display {
  constructor(studio, stage) {
    this.studio = studio;
    this.stage = stage;
    this.views = this.buildViews();
    this.zoom = this.buildZoom();
    this.node = this.buildLayers();
    studio.on("document", () => this.follow());
    studio.on("view", () => this.follow());
    studio.on("display", () => this.follow());
    this.follow();
  }

  buildViews() {
    const marks = { class: "segmented-choice", role: "radio" };
    const views = VIEWS.map((view) => (
      button({ ...marks, data: { testid: `view-${view}`, view } }, () => this.studio.setView(view))));
    const step = (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      const shown = views.filter((node) => !node.hidden);
      const from = shown.findIndex((node) => node.dataset.view === this.studio.view);
      const next = shown[(from + move + shown.length) % shown.length];
      next.click();
      next.focus();
    };
    return make("div", { class: "segmented", role: "radiogroup", "aria-label": say("app.view.label"),
      on: { keydown: step } }, views);
  }

  buildZoom() {
    const { viewport } = this.stage;
    return make("div", { class: "zoom" },
      iconButton("minus", say("app.stage.zoom_out"), () => viewport.zoomOut(), { "data-testid": "zoom-out" }),
      iconButton("fit", say("app.stage.fit"), () => viewport.fit(), { "data-testid": "zoom-fit" }),
      button({ class: "icon-button exact", "aria-label": say("app.stage.exact"), title: say("app.stage.exact"),
        data: { testid: "zoom-exact" } }, () => viewport.showExact(), say("app.stage.one_to_one")),
      iconButton("plus", say("app.stage.zoom_in"), () => viewport.zoomIn(), { "data-testid": "zoom-in" }));
  }

  buildLayers() {
    const { studio } = this;
    const range = { type: "range", min: 0, max: 1, step: 0.05, "aria-label": say("app.display.opacity") };
    this.opacity = make("input", { ...range, "data-testid": "opacity",
      on: { input: () => studio.setDisplay({ opacity: Number(this.opacity.value) }) } });
    const flag = (name, title = null) => toggle(say(`app.display.${name}`), studio.display[name],
      (on) => studio.setDisplay({ [name]: on }), { "data-testid": `show-${name}`, title });
    this.flags = { outlines: flag("outlines"), names: flag("names"),
      alone: flag("alone", say("app.display.alone_title")), heat: flag("heat") };
    this.slider = make("label", { class: "slider" },
      make("span", { class: "slider-name" }, say("app.display.opacity")), this.opacity);
    this.legend = make("span", { class: "heat-legend quiet" }, twoDigits(0),
      make("span", { class: "heat-ramp" }), twoDigits(1));
    return make("div", { class: "layers" }, this.slider, this.legend, ...Object.values(this.flags), this.buildLook());
  }

  /** Brightness and contrast of the picture, behind one button. */
  buildLook() {
    const { studio } = this;
    this.look = Object.fromEntries(["brightness", "contrast"].map((name) => [name, make("input", {
      type: "range", min: DARKEST, max: BRIGHTEST, step: 0.05, "aria-label": say(`app.display.${name}`),
      "data-testid": name, on: { input: (event) => studio.setDisplay({ [name]: Number(event.target.value) }) } })]));
    const rows = Object.entries(this.look).map(([name, range]) => (
      make("label", { class: "slider" }, make("span", { class: "slider-name" }, say(`app.display.${name}`)), range)));
    const reset = button({ class: "button", data: { testid: "look-reset" } },
      () => studio.setDisplay({ brightness: 1, contrast: 1 }), say("app.display.reset"));
    const title = { class: "toggle", title: say("app.display.picture_title"), "data-testid": "look" };
    const panel = make("div", { class: "look-panel" }, rows, reset);
    const look = make("details", { class: "look", on: {
      focusout: (event) => !look.contains(event.relatedTarget) && look.removeAttribute("open"),
      keydown: (event) => this.closeLook(look, event),
    } }, make("summary", title, say("app.display.picture")), panel);
    return look;
  }

  closeLook(look, event) {
    if (event.key !== "Escape" || !look.open) return;
    event.stopPropagation();
    look.open = false;
    look.firstChild.focus();
  }

  follow() {
    const { view, display } = this.studio;
    for (const node of this.views.children) {
      node.setAttribute("aria-checked", String(node.dataset.view === view));
      node.tabIndex = node.dataset.view === view ? 0 : -1;
      write(node, sayOf(this.studio, `app.view.${node.dataset.view}`));
      setWords(node, "title", sayOf(this.studio, `app.view.${node.dataset.view}_title`));
      node.hidden = this.studio.perPixel && node.dataset.view === "instances";
    }
    for (const [name, node] of Object.entries(this.flags)) {
      node.setAttribute("aria-pressed", String(display[name]));
      node.hidden = !(FLAG_VIEWS[name] ?? VIEWS.slice(0, 3)).includes(view);
    }
    this.slider.hidden = view === "query";
    this.legend.hidden = view !== "query" || !display.heat;
    setRange(this.opacity, display.opacity, 0, 1);
    for (const [name, node] of Object.entries(this.look)) setRange(node, display[name], DARKEST, BRIGHTEST);
  }
}

function setRange(node, value, low, high) {
  node.value = value;
  node.style.setProperty("--share", (value - low) / (high - low));
}
