// Painting labels on the window's canvas: one pass over typed arrays, colours from a table indexed by label.
//
// Boxes are canvas pixels, half open. Only a box is painted where only a box changed.

/** A canvas as large as the window, and the words of its pixels. */
class Layer {
  constructor(name) {
    this.canvas = make("canvas", { class: `layer ${name}`, "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
  }

  /** Takes the window's size; what it showed is gone only where that size changed. */
  fit({ canvas: { height, width }, density }) {
    if (this.image && this.canvas.height === height && this.canvas.width === width) return;
    Object.assign(this.canvas, { height, width });
    Object.assign(this.canvas.style, { height: `${height / density}px`, width: `${width / density}px` });
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  clear([x0, y0, x1, y1]) {
    const { width } = this.canvas;
    for (let y = y0; y < y1; y += 1) this.pixels.fill(0, y * width + x0, y * width + x1);
  }

  show([x0, y0, x1, y1]) {
    if (x1 > x0 && y1 > y0) this.context.putImageData(this.image, 0, 0, x0, y0, x1 - x0, y1 - y0);
  }
}

/** Fill and line words for every label; labels without a colour stay transparent. */
class ColorTable {
  constructor() {
    this.fills = new Uint32Array(65536);
    this.lines = new Uint32Array(65536);
  }

  set(colors, opacity) {
    this.fills.fill(0);
    this.lines.fill(0);
    for (const [label, color] of colors) {
      this.fills[label] = pixelWord(color, Math.round(opacity * 255));
      this.lines[label] = pixelWord(lighter(color, 0.35), 255);
    }
  }
}

/** Every canvas pixel gets its label's fill, or its line where the label to the right or below differs. */
function paintLabels(layer, view, labels, table, outlines, box) {
  const { width } = layer.canvas;
  const [firstX, firstY, lastX, lastY] = view.inside;
  const [x0, y0, x1, y1] = overlap(box, [firstX, firstY, lastX, lastY]);
  layer.clear(box);
  let [row, below] = [-1, -1];
  for (let y = y0; y < y1; y += 1) {
    const [rowAbove, belowAbove, place] = [row, below, y * width];
    row = view.rows[y];
    below = view.rows[Math.min(lastY - 1, y + view.line)];
    if (row === rowAbove && below === belowAbove) layer.pixels.copyWithin(place + x0, place - width + x0, place - width + x1);
    else if (outlines) paintOutlinedRow(layer.pixels, place, view, labels, table, row, below, x0, x1, lastX - 1);
    else paintRow(layer.pixels, place, view, labels, table, row, x0, x1);
  }
  layer.show(box);
}

function paintRow(pixels, place, { columns, picture }, labels, { fills }, row, x0, x1) {
  const start = row * picture.width;
  for (let x = x0; x < x1; x += 1) pixels[place + x] = fills[labels[start + columns[x]]];
}

function paintOutlinedRow(pixels, place, { columns, picture, line }, labels, { fills, lines }, row, below, x0, x1, lastX) {
  const start = row * picture.width;
  const under = below * picture.width;
  for (let x = x0; x < x1; x += 1) {
    const column = columns[x];
    const label = labels[start + column];
    const right = labels[start + columns[Math.min(lastX, x + line)]];
    const lower = labels[under + column];
    pixels[place + x] = label === right && label === lower ? fills[label] : lines[label || right || lower];
  }
}
