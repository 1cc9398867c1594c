// The whole picture in a corner while the window shows a part of it; a press there moves the window.

const MINIMAP_SIDE = 132; // CSS pixels of its long side

class MiniMap {
  constructor(viewport) {
    this.viewport = viewport;
    this.canvas = make("canvas", {});
    this.frame = make("div", { class: "minimap-frame" });
    this.node = make("div", { class: "minimap", hidden: true, "aria-hidden": "true", data: { testid: "minimap" } },
      this.canvas, this.frame);
    for (const name of ["pointerdown", "pointermove"]) this.node.addEventListener(name, (event) => this.go(event));
  }

  open(image, { height, width }) {
    const scale = MINIMAP_SIDE / Math.max(height, width);
    const size = { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
    Object.assign(this.node.style, { height: `${size.height}px`, width: `${size.width}px` });
    Object.assign(this.canvas, { height: size.height * 2, width: size.width * 2 });
    this.canvas.getContext("2d").drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
  }

  follow(view) {
    this.node.hidden = view.showsAll;
    if (view.showsAll) return;
    const [x0, y0, x1, y1] = view.visible;
    const { height, width } = view.picture;
    const percent = (part, all) => `${(100 * part) / all}%`;
    Object.assign(this.frame.style, { left: percent(x0, width), top: percent(y0, height),
      width: percent(x1 - x0, width), height: percent(y1 - y0, height) });
  }

  go(event) {
    event.stopPropagation();
    if (event.buttons !== 1) return;
    this.node.setPointerCapture(event.pointerId);
    const frame = this.canvas.getBoundingClientRect();
    const { height, width } = this.viewport.picture;
    this.viewport.centreOn(((event.clientX - frame.left) / frame.width) * width,
      ((event.clientY - frame.top) / frame.height) * height);
  }
}
