// The window onto the picture: its size on the page, and moving and scaling what it shows.
//
// Marks for tests on [data-testid=stage]: data-left, data-top, data-scale (CSS pixels from the window's corner to the
// picture's, and a picture pixel's size), data-zoomed.

const ZOOM_STEP = 1.5;

class Viewport {
  constructor({ moved }) {
    this.plane = make("div", { class: "plane" }); // what the browser itself scales: the picture
    this.node = make("div", { class: "viewport", tabindex: "0", role: "group", "aria-label": say("app.stage.label"),
      data: { testid: "stage" } }, this.plane);
    this.moved = moved;
    this.picture = null;
    this.view = null;
    new ResizeObserver(() => this.lay()).observe(this.node);
  }

  show(height, width) {
    this.picture = { height, width };
    this.view = null;
    Object.assign(this.plane.style, { height: `${height}px`, width: `${width}px` });
    this.lay();
  }

  /** As wide as the page gives, as high as the fitted picture within the heights that the style allows. */
  lay() {
    if (!this.picture || this.node.clientWidth === 0) return;
    const { maxHeight } = getComputedStyle(this.node);
    const height = (this.picture.height * this.node.clientWidth) / this.picture.width;
    this.node.style.height = `${Math.ceil(Math.min(parseFloat(maxHeight), height + 2))}px`;
    this.adopt({ height: this.node.clientHeight, width: this.node.clientWidth });
  }

  /** A window of another size keeps the whole picture in sight, or the middle of what it showed. */
  adopt(room) {
    const before = this.view;
    const density = devicePixelRatio;
    if (before?.room.height === room.height && before.room.width === room.width && before.density === density) return;
    this.view = new View(this.picture, room, density);
    if (before && !before.showsAll) {
      const { fx, fy } = before.toPicture(before.room.width / 2, before.room.height / 2);
      this.view.zoomTo(before.scale, 0, 0);
      this.view.centreOn(fx, fy);
    }
    this.settle();
  }

  settle() {
    const { left, top, scale, showsAll } = this.view;
    this.plane.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    Object.assign(this.node.dataset, { left, top, scale, zoomed: !showsAll });
    this.node.toggleAttribute("data-magnified", scale * this.view.density >= 2);
    this.moved();
  }

  zoomIn() {
    this.zoomBy(ZOOM_STEP);
  }

  zoomOut() {
    this.zoomBy(1 / ZOOM_STEP);
  }

  fit() {
    this.change((view) => view.fit());
  }

  /** One picture pixel on one pixel of the screen. */
  showExact() {
    this.zoomBy(1 / devicePixelRatio / (this.view?.scale ?? 1));
  }

  /** Keeps the picture under a point of the window where it is; without one, in the window's middle. */
  zoomBy(factor, [x, y] = this.middle) {
    this.change((view) => view.zoomTo(view.scale * factor, x, y));
  }

  panBy(dx, dy) {
    this.change((view) => view.moveBy(dx, dy));
  }

  centreOn(fx, fy) {
    this.change((view) => view.centreOn(fx, fy));
  }

  change(act) {
    if (!this.view) return;
    act(this.view);
    this.settle();
  }

  get middle() {
    return this.view ? [this.view.room.width / 2, this.view.room.height / 2] : [0, 0];
  }

  /** A pointer's place in CSS pixels of the window. */
  within({ clientX, clientY }) {
    const frame = this.node.getBoundingClientRect();
    return [clientX - frame.left - this.node.clientLeft, clientY - frame.top - this.node.clientTop];
  }

  /** The native place under a pointer: {x, y, fx, fy}. */
  point(event) {
    return this.view.toPicture(...this.within(event));
  }
}
