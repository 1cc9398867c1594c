// Brush and eraser: a round tip dragged from pixel to pixel.

class Brush {
  constructor(toolbox, name) {
    Object.assign(this, { toolbox, name, cursor: "none" });
    this.gesture = null;
    this.at = null; // the pixel under the tip
  }

  down(point, event) {
    this.gesture = this.toolbox.begin(point, event, this.name === "eraser" ? "erase" : undefined);
    this.last = null;
    this.move(point, event);
  }

  move(point, event) {
    this.hover(point);
    if (!this.gesture) return;
    const place = [point.x, point.y];
    this.gesture.cover(lineRuns, this.last ?? place, place, this.diameterOf(event));
    this.last = place;
  }

  up() {
    this.gesture?.finish();
    this.gesture = null;
  }

  cancel() {
    this.gesture?.cancel();
    this.gesture = null;
  }

  hover(point) {
    this.at = point && { x: point.x, y: point.y };
    this.toolbox.redraw();
  }

  /** A pen that tells its pressure paints as broad as it presses. */
  diameterOf({ pointerType, pressure }) {
    const { size } = this.toolbox.options;
    const tells = pointerType === "pen" && pressure > 0 && pressure < 1;
    return tells ? Math.max(1, Math.round(size * Math.min(1, 0.3 + 1.4 * pressure))) : size;
  }

  draw(context, view) {
    if (!this.at) return null;
    const [x, y] = view.toScreen(this.at.x + 0.5, this.at.y + 0.5);
    const radius = Math.max(1.5, (this.toolbox.options.size / 2) * view.scale);
    strokeTwice(context, () => context.arc(x, y, radius, 0, 2 * Math.PI));
    strokeTwice(context, () => { context.moveTo(x - 3, y); context.lineTo(x + 3, y); });
    strokeTwice(context, () => { context.moveTo(x, y - 3); context.lineTo(x, y + 3); });
    const reach = Math.max(radius, 3) + 3;
    return [x - reach, y - reach, x + reach, y + reach];
  }
}

/** A line that is seen on light and dark: a dark one under a white one. */
function strokeTwice(context, trace) {
  for (const [width, color] of [[3, "rgb(10 12 20 / .75)"], [1.25, "#fff"]]) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.beginPath();
    trace();
    context.stroke();
  }
}
