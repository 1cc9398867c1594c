// Steps that one walks through: by their names, by arrow keys, or by a play button that goes on by itself.

const STEP_MILLISECONDS = 1900;

class Stepper {
  /** @param changed called with the number of a step; `foot` has room for words beside the buttons */
  constructor(changed) {
    Object.assign(this, { changed, at: 0, timer: null, steps: [] });
    this.row = make("div", { class: "steps", role: "radiogroup", "aria-label": say("app.explain.steps.label") });
    const step = (name, by) => iconButton(name, say(`app.explain.steps.${name}`), () => this.step(by),
      { "data-testid": `step-${name}` });
    this.play = iconButton("play", say("app.explain.steps.play"), () => this.toggle(), { "data-testid": "step-play" });
    this.foot = make("div", { class: "step-foot" },
      make("div", { class: "step-buttons" }, step("before", -1), this.play, step("after", 1)));
    this.node = make("div", { class: "stepper", on: { keydown: (event) => this.press(event) } }, this.row, this.foot);
  }

  /** @param rows [{name, title, detail}] */
  fill(rows) {
    this.steps = rows.map(({ name, title, detail }, i) => button({ class: "step", role: "radio", tabindex: "-1",
      "aria-checked": "false", data: { testid: `step-${name}` } }, () => this.go(i),
    make("span", { class: "step-title" }, make("span", { class: "step-number" }, whole(i + 1)), " ", title),
    make("span", { class: "step-detail quiet" }, detail)));
    this.row.replaceChildren(...this.steps);
    this.show(Math.min(this.at, rows.length - 1));
  }

  /** A person's own step ends the play. */
  go(to) {
    this.stop();
    this.show(to);
  }

  step(by) {
    this.go(clamp(this.at + by, 0, this.steps.length - 1));
  }

  show(to) {
    this.at = to;
    this.steps.forEach((node, i) => {
      node.setAttribute("aria-checked", String(i === to));
      node.toggleAttribute("data-past", i < to);
      node.tabIndex = i === to ? 0 : -1;
    });
    this.changed(to);
  }

  toggle() {
    if (this.timer) return void this.stop();
    if (this.at === this.steps.length - 1) this.show(0);
    this.timer = setInterval(() => this.advance(), STEP_MILLISECONDS);
    this.dress();
  }

  advance() {
    this.show(this.at + 1);
    if (this.at === this.steps.length - 1) this.stop();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.dress();
  }

  dress() {
    const name = this.timer ? "pause" : "play";
    this.play.replaceChildren(icon(name));
    for (const mark of ["title", "aria-label"]) setWords(this.play, mark, say(`app.explain.steps.${name}`));
  }

  press(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.step(steps[event.key]);
    if (this.row.contains(event.target)) this.steps[this.at].focus();
  }
}

/** True where a person asked for little motion. */
function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
