// Small pictures of the open one with something laid over them: probabilities in a colour, heat, or labels.

const PLATE_LONG_SIDE = 480; // pixels of a plate's canvas, at most
const FAINT_KEPT = 0.42; // of the picture under a mask
const ATTENTION_WORDS = Uint32Array.from({ length: 256 }, (_, value) => (
  pixelWord(heatColor(value), 36 + Math.round(value * 0.78))));

/** The colour of a value 0..255 on the ramp that heat has. */
function heatColor(value) {
  const place = (value / 255) * (HEAT_STOPS.length - 1);
  const low = Math.min(HEAT_STOPS.length - 2, Math.floor(place));
  return HEAT_STOPS[low].map((start, c) => Math.round(start + (HEAT_STOPS[low + 1][c] - start) * (place - low)));
}

const [MASK_INK, NOTHING_INK] = [[226, 88, 34], [104, 112, 124]]; // a mask of an object, and of none

/** A canvas of the picture's shape; `longSide` pixels, or fewer for a small picture. */
function createPlate({ document: { height, width } }, properties = {}, longSide = PLATE_LONG_SIDE) {
  const scale = Math.min(longSide / Math.max(height, width), 4);
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return make("canvas", { class: "plate", ...size, ...properties });
}

/** Paints the picture itself: `kept` of it over grey, in grey where `grey`. */
function paintPhotograph(canvas, studio, { kept = 1, grey = false } = {}) {
  const context = canvas.getContext("2d");
  context.globalAlpha = 1;
  context.fillStyle = "#d6dade";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.globalAlpha = kept;
  context.filter = grey ? "grayscale(1)" : "none";
  context.drawImage(studio.document.picture, 0, 0, canvas.width, canvas.height);
  context.filter = "none";
  context.globalAlpha = 1;
}

/** Lays a grid of words over the whole plate, smoothly enlarged or cell by cell. */
function layWords(canvas, words, height, width, smooth = true) {
  const grid = new OffscreenCanvas(width, height);
  const image = new ImageData(new Uint8ClampedArray(words.buffer, words.byteOffset, words.byteLength), width, height);
  grid.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(grid, 0, 0, canvas.width, canvas.height);
}

/** Values 0..255 as words of a table of 256. */
function wordsOf(values, table) {
  return Uint32Array.from(values, (value) => table[value]);
}

/** A mask's probabilities 0..255 in one colour, with a line where they pass one half. */
function layMask(canvas, values, height, width, [red, green, blue]) {
  const { width: columns, height: rows } = canvas;
  const words = new Uint32Array(columns * rows);
  const enlarged = enlargeGrid(values, height, width, rows, columns);
  for (let y = 0, i = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1, i += 1) {
      const inside = enlarged[i] >= HALF;
      const edge = (x + 1 < columns && inside !== enlarged[i + 1] >= HALF) || (y + 1 < rows && inside !== enlarged[i + columns] >= HALF);
      words[i] = edge ? pixelWord([20, 24, 30], 255) : pixelWord([red, green, blue], Math.round(enlarged[i] * 0.74));
    }
  }
  layWords(canvas, words, rows, columns, false);
}

/** Bilinear; cells are areas, so their centres lie half a cell in. */
function enlargeGrid(values, height, width, rows, columns) {
  const across = between(columns, 0, 1, columns, width);
  const down = between(rows, 0, 1, rows, height);
  const enlarged = new Float32Array(rows * columns);
  for (let y = 0, i = 0; y < rows; y += 1) {
    const [top, bottom] = [down.low[y] * width, down.high[y] * width];
    for (let x = 0; x < columns; x += 1, i += 1) {
      const [left, right] = [across.low[x], across.high[x]];
      const upper = values[top + left] + (values[top + right] - values[top + left]) * across.share[x];
      const lower = values[bottom + left] + (values[bottom + right] - values[bottom + left]) * across.share[x];
      enlarged[i] = upper + (lower - upper) * down.share[y];
    }
  }
  return enlarged;
}

const LABEL_OPACITY = 0.66;

/** Labels in their colours, pixel by pixel of the map, with light lines between them; `nobodys`: what is nobody's is dark. */
function layLabels(canvas, labels, height, width, colors, { nobodys = true } = {}) {
  const table = new Uint32Array(65536);
  if (nobodys) table[0] = pixelWord([12, 14, 20], 160);
  for (const [label, color] of colors) table[label] = pixelWord(color, Math.round(LABEL_OPACITY * 255));
  const words = new Uint32Array(height * width);
  const line = pixelWord([255, 255, 255], 235);
  for (let y = 0, i = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, i += 1) {
      const edge = (x + 1 < width && labels[i] !== labels[i + 1]) || (y + 1 < height && labels[i] !== labels[i + width]);
      words[i] = edge ? line : table[labels[i]];
    }
  }
  layWords(canvas, words, height, width, false);
}
