// One way of looking closer for several pictures of one thing: all of them show the same part.

const LENS_STEP = 1.6;
const LENS_MOST = 12;

class Lens {
  constructor() {
    Object.assign(this, { scale: 1, x: 0, y: 0, planes: [] }); // x, y: what lies left and above, in shares of the frame
  }

  forget() {
    this.planes = [];
  }

  /** A frame around plates that lie over each other. */
  frame(plates, properties = {}) {
    const plane = make("div", { class: "lens-plane" }, plates);
    const frame = make("div", { class: "lens", ...properties, on: {
      wheel: (event) => this.wheel(event), pointerdown: (event) => this.hold(event), pointermove: (event) => this.drag(event),
      pointerup: () => { this.held = null; }, pointercancel: () => { this.held = null; }, dblclick: () => this.reset(),
    } }, plane);
    this.planes.push(plane);
    this.apply();
    return frame;
  }

  buttons() {
    const way = (name, words, act) => iconButton(name, say(words), act, { "data-testid": `lens-${name}` });
    return make("div", { class: "lens-buttons" }, way("minus", "app.stage.zoom_out", () => this.zoom(1 / LENS_STEP)),
      way("fit", "app.stage.fit", () => this.reset()), way("plus", "app.stage.zoom_in", () => this.zoom(LENS_STEP)));
  }

  zoom(factor, at = [0.5, 0.5]) {
    const scale = clamp(this.scale * factor, 1, LENS_MOST);
    const [px, py] = at.map((share, i) => (share + (i ? this.y : this.x)) / this.scale); // of the picture
    this.scale = scale;
    this.moveTo(px * scale - at[0], py * scale - at[1]);
  }

  moveTo(x, y) {
    this.x = clamp(x, 0, this.scale - 1);
    this.y = clamp(y, 0, this.scale - 1);
    this.apply();
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.apply();
  }

  /** Shows a box of the picture, given in shares of it, with room around. */
  showBox([x0, y0, x1, y1]) {
    this.scale = clamp(0.6 / Math.max(x1 - x0, y1 - y0, 0.02), 1, LENS_MOST);
    this.moveTo(((x0 + x1) / 2) * this.scale - 0.5, ((y0 + y1) / 2) * this.scale - 0.5);
  }

  apply() {
    for (const plane of this.planes) {
      plane.style.transform = `translate(${-this.x * 100}%, ${-this.y * 100}%) scale(${this.scale})`;
      plane.parentElement?.toggleAttribute("data-close", this.scale > 1);
    }
  }

  /** A pinch on a trackpad, or the wheel with Ctrl: the wheel alone scrolls the page. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * 0.01), [(event.clientX - left) / width, (event.clientY - top) / height]);
  }

  hold(event) {
    if (this.scale === 1 || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    this.held = [event.clientX, event.clientY];
  }

  drag(event) {
    if (!this.held) return;
    const { width, height } = event.currentTarget.getBoundingClientRect();
    const [x, y] = this.held;
    this.held = [event.clientX, event.clientY];
    this.moveTo(this.x - (event.clientX - x) / width, this.y - (event.clientY - y) / height);
  }
}
