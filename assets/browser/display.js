// How the stage is shown: the view, opacity, outlines, names, zoom.

const VIEWS = ["panoptic", "semantic", "instances", "query"];

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
      iconButton("plus", say("app.stage.zoom_in"), () => viewport.zoomIn(), { "data-testid": "zoom-in" }));
  }

  buildLayers() {
    const { studio } = this;
    const range = { type: "range", min: 0, max: 1, step: 0.05, "aria-label": say("app.display.opacity") };
    this.opacity = make("input", { ...range, "data-testid": "opacity",
      on: { input: () => studio.setDisplay({ opacity: Number(this.opacity.value) }) } });
    const flag = (name) => toggle(say(`app.display.${name}`), true, (on) => studio.setDisplay({ [name]: on }),
      { "data-testid": `show-${name}` });
    this.flags = { outlines: flag("outlines"), names: flag("names"), heat: flag("heat") };
    this.slider = make("label", { class: "slider" },
      make("span", { class: "slider-name" }, say("app.display.opacity")), this.opacity);
    this.legend = make("span", { class: "heat-legend quiet" }, probabilities.format(0),
      make("span", { class: "heat-ramp" }), probabilities.format(1));
    return make("div", { class: "layers" }, this.slider, this.legend, ...Object.values(this.flags));
  }

  follow() {
    const { view, display } = this.studio;
    for (const node of this.views.children) {
      node.setAttribute("aria-checked", String(node.dataset.view === view));
      node.tabIndex = node.dataset.view === view ? 0 : -1;
      node.textContent = sayOf(this.studio, `app.view.${node.dataset.view}`);
      node.title = sayOf(this.studio, `app.view.${node.dataset.view}_title`);
      node.hidden = this.studio.perPixel && node.dataset.view === "instances";
    }
    for (const [name, node] of Object.entries(this.flags)) {
      node.setAttribute("aria-pressed", String(display[name]));
      node.hidden = (name === "heat") !== (view === "query");
    }
    this.slider.hidden = view === "query";
    this.legend.hidden = view !== "query" || !display.heat;
    this.opacity.value = display.opacity;
    this.opacity.style.setProperty("--share", display.opacity);
  }
}
