// The scrolled window onto the picture: fit, zoom about a point, drag to pan, and places in picture pixels.

const LARGEST_ZOOM = 16;
const ZOOM_STEP = 1.5;
const DRAG_PIXELS = 4;

class Viewport {
  constructor({ changed, clicked, pointed, left }) {
    this.plane = make("div", { class: "plane" });
    this.node = make("div", { class: "viewport", tabindex: "0", role: "group", "aria-label": say("app.stage.label"),
      data: { testid: "stage" } }, this.plane);
    this.changed = changed;
    this.zoom = 1;
    this.size = null;
    this.listen(clicked, pointed, left);
    new ResizeObserver(() => this.lay()).observe(this.node);
  }

  listen(clicked, pointed, left) {
    this.node.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2, event);
    }, { passive: false });
    this.node.addEventListener("pointerdown", (event) => this.grab(event));
    this.node.addEventListener("pointermove", (event) => (this.drag(event) ? left() : pointed(this.place(event))));
    this.node.addEventListener("pointerleave", left);
    this.node.addEventListener("click", (event) => {
      if (!this.dragged) clicked(this.place(event));
    });
  }

  show(height, width) {
    this.size = { height, width };
    this.zoom = 1;
    this.lay();
  }

  /** The picture fits the width, or the largest height the style allows. */
  lay() {
    if (!this.size || this.node.clientWidth === 0) return;
    const { height, width } = this.size;
    const room = this.node.getBoundingClientRect().width - 2;
    const fit = Math.min(room / width, parseFloat(getComputedStyle(this.node).maxHeight) / height);
    this.scale = fit * this.zoom;
    this.node.style.height = `${Math.ceil(height * fit) + 2}px`;
    this.plane.style.width = `${width * this.scale}px`;
    this.plane.style.height = `${height * this.scale}px`;
    this.node.dataset.zoomed = String(this.zoom > 1);
    this.changed(this.scale);
  }

  zoomIn() {
    this.zoomBy(ZOOM_STEP);
  }

  zoomOut() {
    this.zoomBy(1 / ZOOM_STEP);
  }

  fit() {
    this.zoomBy(1 / this.zoom);
  }

  /** Keeps the point under the cursor, or the middle of the window, where it is. */
  zoomBy(factor, point = null) {
    const frame = this.node.getBoundingClientRect();
    const x = point ? point.clientX - frame.left : frame.width / 2;
    const y = point ? point.clientY - frame.top : frame.height / 2;
    const before = this.zoom;
    this.zoom = clamp(before * factor, 1, LARGEST_ZOOM);
    const grown = this.zoom / before;
    const [left, top] = [this.node.scrollLeft, this.node.scrollTop];
    this.lay();
    this.node.scrollTo((left + x) * grown - x, (top + y) * grown - y);
  }

  /** The picture pixel under a pointer, or null beside the picture. */
  place({ clientX, clientY }) {
    if (!this.size) return null;
    const frame = this.plane.getBoundingClientRect();
    const x = Math.floor(((clientX - frame.left) / frame.width) * this.size.width);
    const y = Math.floor(((clientY - frame.top) / frame.height) * this.size.height);
    return x >= 0 && y >= 0 && x < this.size.width && y < this.size.height ? { x, y } : null;
  }

  grab(event) {
    this.dragged = false;
    const grabs = event.pointerType === "mouse" && event.button === 0 && this.zoom > 1;
    this.held = grabs ? [event.clientX, event.clientY] : null;
  }

  /** True while the picture is being moved. */
  drag(event) {
    if (!this.held || event.buttons !== 1) return false;
    const [dx, dy] = [event.clientX - this.held[0], event.clientY - this.held[1]];
    if (!this.dragged && Math.hypot(dx, dy) < DRAG_PIXELS) return false;
    this.dragged = true;
    this.node.scrollBy(-dx, -dy);
    this.held = [event.clientX, event.clientY];
    return true;
  }
}
