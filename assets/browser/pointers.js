// Mouse, pen and fingers on the picture: what moves the view, and what reaches the hand (a click or the tool).
//
// The wheel zooms at the cursor (Shift: sideways; Alt is left to others), two fingers zoom and move, the middle button or
// Space with a drag moves, and so does a drag without a tool once the picture is zoomed.

const DRAG_PIXELS = 4;
const WHEEL_ZOOM = 0.002; // of the exponent, a wheel pixel
const PINCH_ZOOM = 0.01; // a trackpad's pinch comes as a wheel with Ctrl
const LINE_PIXELS = 16; // of a wheel that counts lines

class Pointers {
  /** @param hand {tool, click(point), hover(point|null), lifted(), spaceTapped()} what acts at the places pointed at */
  constructor(viewport, hand) {
    Object.assign(this, { viewport, hand });
    this.places = new Map(); // of every pointer that is down, by its id
    this.act = null; // "press" may become a click or a "move", "tool", "pinch", "rest" until all are up
    this.space = null; // "held", "used" once something was dragged with it
    this.listen();
  }

  listen() {
    const { node } = this.viewport;
    const on = (name, listen, options) => node.addEventListener(name, (event) => this.viewport.view && listen(event),
      options);
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", (event) => this.lose(event));
    on("lostpointercapture", (event) => this.lose(event));
    on("pointerleave", () => this.act === null && this.hand.hover(null));
    on("contextmenu", (event) => this.takesRight(2) && event.preventDefault());
    on("mousedown", (event) => event.button === 1 && event.preventDefault()); // no autoscroll
    on("touchstart", (event) => this.claim(event), { passive: false });
    on("keydown", (event) => this.holdSpace(event));
    on("keyup", (event) => event.key === " " && this.dropSpace());
    on("blur", () => { this.space = null; });
  }

  /** Touches that draw or pinch are no gestures of the browser, which would take the tap after a swift one for its end. */
  claim(event) {
    if (event.touches.length > 1 || this.hand.tool) event.preventDefault();
  }

  wheel(event) {
    if (event.altKey) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    if (event.shiftKey) return void this.viewport.panBy(-(event.deltaX || event.deltaY) * unit, 0);
    const share = event.ctrlKey ? PINCH_ZOOM : WHEEL_ZOOM;
    this.viewport.zoomBy(Math.exp(-event.deltaY * unit * share), this.viewport.within(event));
    if (this.act === null) this.hand.hover(this.viewport.point(event));
  }

  press(event) {
    this.places.set(event.pointerId, this.viewport.within(event));
    if (this.places.size === 2) return void this.pinch();
    if (this.places.size > 2 || this.act !== null) return;
    this.act = this.actOf(event);
    if (this.act === null) return void this.places.delete(event.pointerId);
    this.viewport.node.setPointerCapture(event.pointerId);
    if (event.pointerType !== "mouse") this.viewport.node.focus({ preventScroll: true }); // keys go where one draws
    this.start = this.viewport.within(event);
    if (this.act === "tool") this.hand.tool.down(this.viewport.point(event), event);
  }

  actOf({ button }) {
    if (button === 1 || (button === 0 && this.space)) return "move";
    if (button !== 0 && !this.takesRight(button)) return null;
    return this.hand.tool ? "tool" : "press";
  }

  /** True where the tool in hand has a meaning for the right button. */
  takesRight(button) {
    return button === 2 && this.hand.tool?.takesRight === true;
  }

  move(event) {
    const before = this.places.get(event.pointerId);
    if (!before) return void (this.act === null && this.hand.hover(this.viewport.point(event)));
    const place = this.viewport.within(event);
    this.places.set(event.pointerId, place);
    if (this.act === "press" && this.leavesPress(place)) this.act = "move";
    if (this.act === "move") this.drag(before, place);
    else if (this.act === "pinch") this.pinch();
    else if (this.act === "tool") this.draw(event);
  }

  leavesPress([x, y]) {
    return !this.viewport.view.showsAll && Math.hypot(x - this.start[0], y - this.start[1]) >= DRAG_PIXELS;
  }

  drag([fromX, fromY], [x, y]) {
    if (this.space) this.space = "used";
    this.hand.hover(null);
    this.viewport.panBy(x - fromX, y - fromY);
  }

  /** Every place the pointer went through since the last event, not only the newest. */
  draw(event) {
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length > 0 ? passed : [event]) this.hand.tool.move(this.viewport.point(each), each);
  }

  /** Two fingers hold two places of the picture; a stroke that the first had begun is taken back. */
  pinch() {
    const [[ax, ay], [bx, by]] = [...this.places.values()];
    const now = { x: (ax + bx) / 2, y: (ay + by) / 2, length: Math.max(1, Math.hypot(ax - bx, ay - by)) };
    if (this.act === "tool") this.hand.tool.cancel();
    if (this.act === "pinch") {
      this.viewport.zoomBy(now.length / this.spread.length, [this.spread.x, this.spread.y]);
      this.viewport.panBy(now.x - this.spread.x, now.y - this.spread.y);
    }
    this.act = "pinch";
    this.spread = now;
  }

  release(event) {
    if (!this.places.delete(event.pointerId)) return;
    const { act } = this;
    this.act = this.places.size > 0 ? "rest" : null;
    const point = this.viewport.point(event);
    if (act === "tool") this.hand.tool.up(point, event);
    else if (act === "press" && this.isClick(event)) this.hand.click(point);
    if (this.act === null) this.hand.lifted?.();
  }

  isClick(event) {
    const [x, y] = this.viewport.within(event);
    return Math.hypot(x - this.start[0], y - this.start[1]) < DRAG_PIXELS * (event.pointerType === "mouse" ? 1 : 2);
  }

  lose(event) {
    if (!this.places.delete(event.pointerId)) return;
    this.cancel();
    if (this.places.size > 0) return;
    this.act = null;
    this.hand.lifted?.();
  }

  /** Takes back what is being drawn; the pointer does nothing more until it is up. */
  cancel() {
    if (this.act === "tool") this.hand.tool.cancel();
    if (this.act !== null) this.act = "rest";
  }

  holdSpace(event) {
    if (event.key !== " " || event.target !== this.viewport.node) return;
    event.preventDefault(); // the page stays where it is
    this.space ??= "held";
  }

  dropSpace() {
    if (this.space === "held" && this.act === null) this.hand.spaceTapped?.();
    this.space = null;
  }
}
