// The two thresholds of the assembly as live sliders; one drag is one gesture for undo.

const GESTURE_PAUSE = 700; // milliseconds after which the next change is a new gesture

class Thresholds {
  constructor(studio, edits) {
    this.studio = studio;
    this.edits = edits;
    this.gesture = null;
    this.held = false;
    this.sliders = { score: this.build("score"), overlap: this.build("overlap") };
    this.node = make("div", { class: "thresholds", role: "group", "aria-label": say("app.thresholds.title") },
      this.sliders.score.node, this.sliders.overlap.node);
    studio.on("document", () => { this.node.hidden = studio.perPixel; });
    studio.on("state", () => this.follow());
  }

  build(name) {
    const number = make("output", { class: "slider-number", "data-testid": `threshold-${name}-number` });
    const input = make("input", { type: "range", min: 0, max: 1, step: 0.01, "data-testid": `threshold-${name}`,
      "aria-label": say(`app.thresholds.${name}`), on: {
        input: () => this.moved(),
        change: () => this.released(),
        pointerdown: () => { this.held = true; },
        pointerup: () => { this.held = false; },
        pointercancel: () => { this.held = false; },
      } });
    const node = make("label", { class: "slider", title: say(`app.thresholds.${name}_title`) },
      make("span", { class: "slider-name" }, say(`app.thresholds.${name}`)), input, number);
    return { node, input, number };
  }

  moved() {
    clearTimeout(this.pause);
    this.gesture ??= uniqueId("gesture");
    const { score, overlap } = this.sliders;
    this.write();
    this.edits.setThresholds(Number(score.input.value), Number(overlap.input.value), this.gesture);
  }

  released() {
    this.held = false;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => { this.gesture = null; }, GESTURE_PAUSE);
  }

  /** Shows the server's values, unless the person is moving a slider right now. */
  follow() {
    if (this.held || this.edits.wanted) return;
    for (const [name, { input }] of Object.entries(this.sliders)) input.value = this.studio.state.thresholds[name];
    this.write();
  }

  write() {
    for (const { input, number } of Object.values(this.sliders)) {
      number.textContent = twoDigits(Number(input.value));
      input.style.setProperty("--share", input.value);
    }
  }
}
