// Where the picture lies in the window onto it, and which native pixel each canvas pixel shows.
//
// Lengths are CSS pixels, except on the canvas, whose pixels are the screen's own (`density` of them a CSS pixel).

const LARGEST_SCALE = 40;
const SMALLEST_SCALE = 0.25; // or the fitting scale, where that is smaller
const BORDER_SHARE = 0.25; // of the window that may lie beside a picture larger than it

class View {
  /** @param picture, room {height, width} of the picture in pixels and of the window in CSS pixels */
  constructor(picture, room, density) {
    Object.assign(this, { picture, room, density });
    this.canvas = { height: Math.round(room.height * density), width: Math.round(room.width * density) };
    this.line = Math.max(1, Math.round(density)); // canvas pixels of a thin line
    this.moves = 0; // tells one place of the picture from the next
    this.fit();
  }

  get fittingScale() {
    const { picture, room } = this;
    return Math.min(LARGEST_SCALE, room.width / picture.width, room.height / picture.height);
  }

  /** True while nothing of the picture lies outside of the window. */
  get showsAll() {
    return this.scale <= this.fittingScale * 1.0001;
  }

  fit() {
    this.scale = this.fittingScale;
    this.moveTo(0, 0);
  }

  /** Another scale, with the picture under the window's point (x, y) kept there. */
  zoomTo(wanted, x, y) {
    const scale = nearWhole(clamp(wanted, Math.min(SMALLEST_SCALE, this.fittingScale), LARGEST_SCALE), this.density);
    const grown = scale / this.scale;
    this.scale = scale;
    const [left, top] = this.exact;
    this.moveTo(x - (x - left) * grown, y - (y - top) * grown);
  }

  moveBy(dx, dy) {
    const [left, top] = this.exact;
    this.moveTo(left + dx, top + dy);
  }

  /** Puts the picture's corner at a place of the window; it is shown on whole canvas pixels, and meant exactly. */
  moveTo(left, top) {
    this.moves += 1;
    const { picture, room, scale, density } = this;
    this.exact = [heldStart(left, picture.width * scale, room.width),
      heldStart(top, picture.height * scale, room.height)];
    [this.left, this.top] = this.exact.map((start) => Math.round(start * density) / density);
    const [step, { height, width }] = [scale * density, this.canvas];
    this.columns = shownIndices(width, this.left * density, step, picture.width);
    this.rows = shownIndices(height, this.top * density, step, picture.height);
    const [[x0, x1], [y0, y1]] = [span(this.columns), span(this.rows)];
    this.inside = [x0, y0, x1, y1]; // of the canvas: where the picture is
  }

  /** The picture's middle at a native place. */
  centreOn(fx, fy) {
    this.moveTo(this.room.width / 2 - fx * this.scale, this.room.height / 2 - fy * this.scale);
  }

  /** A native place in CSS pixels of the window. */
  toScreen(fx, fy) {
    return [this.left + fx * this.scale, this.top + fy * this.scale];
  }

  /** The native place under a point of the window: {fx, fy} exact, {x, y} the pixel, beside the picture as well. */
  toPicture(x, y) {
    const [fx, fy] = [(x - this.left) / this.scale, (y - this.top) / this.scale];
    return { fx, fy, x: Math.floor(fx), y: Math.floor(fy) };
  }

  contains({ x, y }) {
    return x >= 0 && y >= 0 && x < this.picture.width && y < this.picture.height;
  }

  /** The part of the picture in sight as exact native [x0, y0, x1, y1]. */
  get visible() {
    const { picture, room } = this;
    const [first, last] = [this.toPicture(0, 0), this.toPicture(room.width, room.height)];
    return [Math.max(0, first.fx), Math.max(0, first.fy),
      Math.min(picture.width, last.fx), Math.min(picture.height, last.fy)];
  }

  /** The canvas pixels that show a native box, grown by a reach in canvas pixels: half-open [x0, y0, x1, y1]. */
  covering([x0, y0, x1, y1], reach = 0) {
    const [step, left, top] = [this.scale * this.density, this.left * this.density, this.top * this.density];
    return overlap(this.canvasBox, [Math.floor(left + x0 * step) - reach, Math.floor(top + y0 * step) - reach,
      Math.ceil(left + x1 * step) + reach, Math.ceil(top + y1 * step) + reach]);
  }

  get canvasBox() {
    return [0, 0, this.canvas.width, this.canvas.height];
  }
}

/** Where something of a size begins in a room: in its middle, or where it still fills most of the room. */
function heldStart(start, size, room) {
  if (size <= room) return (room - size) / 2;
  return clamp(start, room * (1 - BORDER_SHARE) - size, room * BORDER_SHARE);
}

/** A scale that is all but a whole number of canvas pixels is one, so that all native pixels are equally large. */
function nearWhole(scale, density) {
  const step = Math.round(scale * density);
  return step >= 1 && Math.abs(scale * density - step) < 1e-4 * step ? step / density : scale;
}

/** The native index at the middle of each canvas pixel; -1 beside the picture. */
function shownIndices(shown, start, step, native) {
  return Int32Array.from({ length: shown }, (_, i) => {
    const index = Math.floor((i + 0.5 - start) / step);
    return index >= 0 && index < native ? index : -1;
  });
}

/** First and one past the last place that is not -1. */
function span(indices) {
  return [Math.max(0, indices.findIndex((index) => index >= 0)), indices.findLastIndex((index) => index >= 0) + 1];
}

function overlap([ax0, ay0, ax1, ay1], [bx0, by0, bx1, by1]) {
  const [x0, y0] = [Math.max(ax0, bx0), Math.max(ay0, by0)];
  return [x0, y0, Math.max(x0, Math.min(ax1, bx1)), Math.max(y0, Math.min(ay1, by1))];
}

/** The smallest box about two; the first may be missing. */
function hull(a, b) {
  return a ? [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])] : b;
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}
