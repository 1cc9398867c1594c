// Polygon, lasso, rectangle and the cutting line: drawn as an outline first; corners are pixel corners.

const SAME_PLACE = 8; // CSS pixels within which a click is on the first corner, or the second of a double click
const DOUBLE_CLICK = 400; // milliseconds

/** What the tools that draw an outline share. */
class Outline {
  constructor(toolbox, name) {
    Object.assign(this, { toolbox, name, cursor: "crosshair" });
    this.reset();
  }

  reset() {
    this.corners = [];
    this.pointed = null;
    this.toolbox.redraw();
  }

  cancel() {
    this.reset();
  }

  hover(point) {
    this.pointed = point && cornerOf(point);
    this.toolbox.redraw();
  }

  /** One gesture over what a raster rule covers. */
  cover(point, event, rule, ...places) {
    this.reset();
    const gesture = this.toolbox.begin(point, event);
    gesture?.cover(rule, ...places);
    gesture?.finish();
  }

  draw(context, view) {
    const path = this.path().map(([x, y]) => view.toScreen(x, y));
    if (path.length > 1) strokeTwice(context, () => path.forEach(([x, y]) => context.lineTo(x, y)));
  }

  path() {
    return this.corners;
  }
}

/** Click after click; Enter, a double click or the first corner closes. */
class Polygon extends Outline {
  down(point, event) {
    this.event = event;
    if (this.closes(point, event)) return void this.close();
    this.corners.push(cornerOf(point));
    Object.assign(this, { pressed: true, point, clicked: event.timeStamp });
    this.toolbox.redraw();
  }

  closes(point, event) {
    if (this.corners.length < 3) return false;
    const near = ([x, y]) => Math.hypot(x - point.fx, y - point.fy) * this.toolbox.scale < SAME_PLACE;
    return near(this.corners[0]) || (event.timeStamp - this.clicked < DOUBLE_CLICK && near(this.corners.at(-1)));
  }

  move(point) {
    this.hover(point);
  }

  up() {
    this.pressed = false;
  }

  /** A second finger came down: the corner under the first was not meant. */
  cancel() {
    if (this.pressed) this.corners.pop();
    this.pressed = false;
    this.toolbox.redraw();
  }

  close() {
    if (this.corners.length > 2) this.cover(this.point, this.event, polygonRuns, this.corners);
  }

  key({ key }) {
    if (this.corners.length === 0) return false;
    if (key === "Enter") this.close();
    else if (key === "Backspace") this.corners.pop();
    else if (key === "Escape") this.reset();
    else return false;
    this.toolbox.redraw();
    return true;
  }

  path() {
    return this.pointed && this.corners.length > 0 ? [...this.corners, this.pointed] : this.corners;
  }

  draw(context, view) {
    super.draw(context, view);
    for (const [x, y] of this.corners.map(([cx, cy]) => view.toScreen(cx, cy))) {
      strokeTwice(context, () => context.rect(x - 2.5, y - 2.5, 5, 5));
    }
  }
}

/** Drawn in one go; letting go closes it. */
class Lasso extends Outline {
  down(point, event) {
    this.event = event;
    this.corners = [cornerOf(point)];
  }

  move(point) {
    const [x, y] = cornerOf(point);
    const [lastX, lastY] = this.corners.at(-1) ?? [x, y];
    if (x !== lastX || y !== lastY) this.corners.push([x, y]);
    this.toolbox.redraw();
  }

  up(point) {
    if (this.corners.length > 2) this.cover(point, this.event, polygonRuns, this.corners);
    else this.reset();
  }
}

class Rectangle extends Outline {
  down(point, event) {
    this.event = event;
    this.corners = [cornerOf(point), cornerOf(point)];
  }

  move(point) {
    this.corners[1] = cornerOf(point);
    this.toolbox.redraw();
  }

  up(point) {
    const [a, b] = [this.corners[0], cornerOf(point)];
    if (a[0] !== b[0] && a[1] !== b[1]) this.cover(point, this.event, rectangleRuns, a, b);
    else this.reset();
  }

  path() {
    const [a, b] = this.corners;
    return a ? [a, [b[0], a[1]], b, [a[0], b[1]], a] : [];
  }
}

/** An open line that cuts the chosen segment in two; then the tool before is in hand again. */
class Cut extends Lasso {
  up(point) {
    const line = this.corners.length > 1 ? this.corners : [...this.corners, cornerOf(point)];
    this.reset();
    const segmentId = this.toolbox.requireSegment();
    if (segmentId !== null) this.toolbox.edits.edit({ kind: "split_line", segment_id: segmentId, points_xy: line });
    this.toolbox.takePrevious();
  }
}

/** The pixel corner nearest to a place. */
function cornerOf({ fx, fy }) {
  return [Math.round(fx), Math.round(fy)];
}
