// What is lit up over the labels, as regions on the canvas: the segment pointed at, the rim of the chosen one, and
// shapes that are not in the document.

const WASH = pixelWord([255, 255, 255], 70);
const RIM = pixelWord([255, 255, 255], 255);
const RIM_SHADE = pixelWord([10, 12, 20], 190);
const RIM_LINES = 3; // thickness in thin lines
const DASH = 5; // length of a dash in thin lines

/** 1 where a canvas pixel shows the label, 0 elsewhere, within a canvas box. */
function regionOfLabel(region, view, labels, label, [x0, y0, x1, y1]) {
  const { canvas: { width }, columns, rows, picture } = view;
  for (let y = y0; y < y1; y += 1) {
    const start = rows[y] * picture.width;
    for (let x = x0; x < x1; x += 1) {
      const within = rows[y] >= 0 && columns[x] >= 0;
      region[y * width + x] = within && labels[start + columns[x]] === label ? 1 : 0;
    }
  }
}

/** 1 where the mask probability is at least one half. */
function regionOfHeat(region, { canvas: { width } }, values, [x0, y0, x1, y1]) {
  for (let y = y0; y < y1; y += 1) {
    for (let i = y * width + x0; i < y * width + x1; i += 1) region[i] = values[i] >= HALF ? 1 : 0;
  }
}

/**
 * Lightens a region (wash), fills it with a pixel's word (tint), rims it (white inside its edge, a dark line against the
 * outside), or rims it with dashes.
 */
function paintRegion(layer, view, region, [x0, y0, x1, y1], { wash, tint, rim, dash }) {
  const { canvas: { height, width }, line } = view;
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0; x < x1; x += 1) {
      const i = y * width + x;
      if (region[i] === 0) continue;
      if (wash) layer.pixels[i] = WASH;
      if (tint) layer.pixels[i] = tint;
      if (dash && touchesOutside(region, height, width, x, y, 2 * line)) {
        layer.pixels[i] = Math.floor((x + y) / (DASH * line)) % 2 === 0 ? RIM : RIM_SHADE;
      }
      if (rim && touchesOutside(region, height, width, x, y, RIM_LINES * line)) {
        layer.pixels[i] = touchesOutside(region, height, width, x, y, line) ? RIM_SHADE : RIM;
      }
    }
  }
}

function touchesOutside(region, height, width, x, y, reach) {
  const i = y * width + x;
  return (x >= reach && region[i - reach] === 0) || (x + reach < width && region[i + reach] === 0)
    || (y >= reach && region[i - reach * width] === 0) || (y + reach < height && region[i + reach * width] === 0);
}

/** The layer of light: who is lit is asked for every frame. */
class Light {
  constructor() {
    this.layer = new Layer("light");
    this.region = new Uint8Array(0);
    this.box = null; // the canvas box of all that is lit
  }

  fit(view) {
    this.layer.fit(view);
    const { height, width } = view.canvas;
    if (this.region.length !== height * width) this.region = new Uint8Array(height * width);
  }

  /** Lights others: paints where something was lit before, or is now. */
  move(view, lit) {
    const now = lit.reduce((all, { box }) => hull(all, box), null);
    const box = this.box && now ? hull(this.box, now) : this.box ?? now;
    if (box) this.paint(view, lit, overlap(view.canvasBox, box));
  }

  /** @param lit [{fill(region, box), box, marks}]: what fills the region, the canvas box it lies in, paintRegion's */
  paint(view, lit, box) {
    this.layer.clear(box);
    this.box = lit.reduce((all, each) => hull(all, each.box), null);
    for (const { fill, box: own, marks } of lit) {
      const shared = overlap(box, own);
      if (shared[2] <= shared[0] || shared[3] <= shared[1]) continue;
      fill(this.region, overlap(view.canvasBox, grown(shared, RIM_LINES * view.line)));
      paintRegion(this.layer, view, this.region, shared, marks);
    }
    this.layer.show(box);
  }
}

function grown([x0, y0, x1, y1], by) {
  return [x0 - by, y0 - by, x1 + by, y1 + by];
}
