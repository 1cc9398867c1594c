// One query's mask probability: a small grid, enlarged bilinearly to what the window shows.

const HEAT_STOPS = [[4, 4, 20], [66, 16, 104], [147, 38, 103], [216, 72, 61], [251, 155, 28], [252, 250, 170]];
const HALF = 128; // a probability of one half in 0..255

const HEAT_WORDS = Uint32Array.from({ length: 256 }, (_, value) => {
  const place = (value / 255) * (HEAT_STOPS.length - 1);
  const low = Math.min(HEAT_STOPS.length - 2, Math.floor(place));
  const mixed = HEAT_STOPS[low].map((start, c) => Math.round(start + (HEAT_STOPS[low + 1][c] - start) * (place - low)));
  return pixelWord(mixed, 165 + Math.round(value * 0.15));
});

/**
 * Values 0..255 of every canvas pixel, 0 beside the picture; grid cells are areas, so their centres lie half a cell in.
 */
function enlarge({ heatGrid: grid, heat_height: gridHeight, heat_width: gridWidth }, view) {
  const { canvas: { height, width }, picture } = view;
  const [x0, y0, x1, y1] = view.inside;
  const enlarged = new Uint8Array(height * width);
  const columns = between(width, view.left * view.density, view.scale * view.density, picture.width, gridWidth);
  const rows = between(height, view.top * view.density, view.scale * view.density, picture.height, gridHeight);
  const line = new Float32Array(gridWidth);
  for (let y = y0; y < y1; y += 1) {
    const top = rows.low[y] * gridWidth;
    const bottom = rows.high[y] * gridWidth;
    for (let x = 0; x < gridWidth; x += 1) line[x] = grid[top + x] + (grid[bottom + x] - grid[top + x]) * rows.share[y];
    for (let x = x0; x < x1; x += 1) {
      const left = line[columns.low[x]];
      enlarged[y * width + x] = left + (line[columns.high[x]] - left) * columns.share[x] + 0.5;
    }
  }
  return enlarged;
}

/** The value 0..255 at the middle of one native pixel. */
function heatAt({ heatGrid: grid, heat_height: gridHeight, heat_width: gridWidth }, { height, width }, { x, y }) {
  const column = between(1, -x, 1, width, gridWidth);
  const row = between(1, -y, 1, height, gridHeight);
  const along = (start) => grid[start + column.low[0]]
    + (grid[start + column.high[0]] - grid[start + column.low[0]]) * column.share[0];
  const [top, bottom] = [along(row.low[0] * gridWidth), along(row.high[0] * gridWidth)];
  return Math.round(top + (bottom - top) * row.share[0]);
}

/** The two grid cells that each canvas place lies between, and how far it is from the first. */
function between(shown, start, step, native, cells) {
  const places = Float32Array.from({ length: shown },
    (_, i) => Math.min(cells - 1, Math.max(0, ((i + 0.5 - start) / step) * (cells / native) - 0.5)));
  const low = Int32Array.from(places, Math.floor);
  return { low, high: low.map((cell) => Math.min(cells - 1, cell + 1)),
    share: places.map((place, i) => place - low[i]) };
}

function paintHeat(layer, view, values) {
  const [x0, y0, x1, y1] = view.inside;
  const { width } = view.canvas;
  layer.clear(view.canvasBox);
  for (let y = y0; y < y1; y += 1) {
    for (let i = y * width + x0; i < y * width + x1; i += 1) layer.pixels[i] = HEAT_WORDS[values[i]];
  }
  layer.show(view.canvasBox);
}
