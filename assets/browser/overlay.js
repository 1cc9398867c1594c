// Painting label maps on a canvas: one pass over typed arrays, colours from a table indexed by label.

/** A canvas over the picture and the words of its pixels. */
class Layer {
  constructor(name) {
    this.canvas = make("canvas", { class: `layer ${name}`, "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
  }

  fit({ height, width }) {
    Object.assign(this.canvas, { height, width });
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  show() {
    this.context.putImageData(this.image, 0, 0);
  }
}

/** Fill and line words for every label; labels without a colour stay transparent. */
function colorTables(colors, opacity) {
  const fills = new Uint32Array(65536);
  const lines = new Uint32Array(65536);
  for (const [label, color] of colors) {
    fills[label] = pixelWord(color, Math.round(opacity * 255));
    lines[label] = pixelWord(lighter(color, 0.35), 255);
  }
  return { fills, lines };
}

/** Every canvas pixel gets its label's fill, or its line where the label to the right or below differs. */
function paintLabels(layer, raster, labels, { fills, lines }, outlines) {
  const { pixels } = layer;
  const { height, width, columns, rowStarts, stroke } = raster;
  let i = 0;
  for (let y = 0; y < height; y += 1) {
    const row = rowStarts[y];
    const below = rowStarts[Math.min(height - 1, y + stroke)];
    for (let x = 0; x < width; x += 1, i += 1) {
      const label = labels[row + columns[x]];
      pixels[i] = fills[label];
      if (!outlines) continue;
      const right = labels[row + columns[Math.min(width - 1, x + stroke)]];
      const under = labels[below + columns[x]];
      if (label !== right || label !== under) pixels[i] = lines[label || right || under];
    }
  }
  layer.show();
}

/** 1 inside a label, 0 outside, on the canvas grid and within a box. */
function regionOfLabel(region, raster, labels, label, [x0, y0, x1, y1]) {
  for (let y = y0; y < y1; y += 1) {
    const row = raster.rowStarts[y];
    for (let x = x0; x < x1; x += 1) region[y * raster.width + x] = labels[row + raster.columns[x]] === label ? 1 : 0;
  }
}

const WASH = pixelWord([255, 255, 255], 70);
const RIM = pixelWord([255, 255, 255], 255);
const RIM_SHADE = pixelWord([10, 12, 20], 190);

/** Lightens a region (wash) or rims it: white inside its edge, a dark line against the outside. */
function paintRegion(layer, raster, region, [x0, y0, x1, y1], { wash, rim }) {
  const { height, width, stroke } = raster;
  const reach = 3 * stroke;
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0; x < x1; x += 1) {
      const i = y * width + x;
      if (region[i] === 0) continue;
      if (wash) layer.pixels[i] = WASH;
      if (rim && touchesOutside(region, height, width, x, y, reach)) {
        layer.pixels[i] = touchesOutside(region, height, width, x, y, stroke) ? RIM_SHADE : RIM;
      }
    }
  }
}

function touchesOutside(region, height, width, x, y, reach) {
  const i = y * width + x;
  return (x >= reach && region[i - reach] === 0) || (x + reach < width && region[i + reach] === 0)
    || (y >= reach && region[i - reach * width] === 0) || (y + reach < height && region[i + reach * width] === 0);
}
