// One query's mask probability: a small grid, enlarged bilinearly to the canvas.

const HEAT_STOPS = [[4, 4, 20], [66, 16, 104], [147, 38, 103], [216, 72, 61], [251, 155, 28], [252, 250, 170]];
const HALF = 128; // a probability of one half in 0..255

const HEAT_WORDS = Uint32Array.from({ length: 256 }, (_, value) => {
  const place = (value / 255) * (HEAT_STOPS.length - 1);
  const low = Math.min(HEAT_STOPS.length - 2, Math.floor(place));
  const mixed = HEAT_STOPS[low].map((start, c) => Math.round(start + (HEAT_STOPS[low + 1][c] - start) * (place - low)));
  return pixelWord(mixed, 165 + Math.round(value * 0.15));
});

/** Values 0..255 on the canvas grid; grid cells are areas, so their centres lie half a cell in. */
function enlarge(grid, gridHeight, gridWidth, { height, width }) {
  const enlarged = new Uint8Array(height * width);
  const columns = between(width, gridWidth);
  const rows = between(height, gridHeight);
  const line = new Float32Array(gridWidth);
  for (let y = 0; y < height; y += 1) {
    const top = rows.low[y] * gridWidth;
    const bottom = rows.high[y] * gridWidth;
    for (let x = 0; x < gridWidth; x += 1) line[x] = grid[top + x] + (grid[bottom + x] - grid[top + x]) * rows.share[y];
    for (let x = 0; x < width; x += 1) {
      const left = line[columns.low[x]];
      enlarged[y * width + x] = left + (line[columns.high[x]] - left) * columns.share[x] + 0.5;
    }
  }
  return enlarged;
}

/** The two grid cells each canvas place lies between, and how far it is from the first. */
function between(shown, cells) {
  const places = Float32Array.from({ length: shown },
    (_, i) => Math.min(cells - 1, Math.max(0, ((i + 0.5) * cells) / shown - 0.5)));
  const low = Int32Array.from(places, Math.floor);
  return { low, high: low.map((cell) => Math.min(cells - 1, cell + 1)),
    share: places.map((place, i) => place - low[i]) };
}

function paintHeat(layer, values) {
  for (let i = 0; i < values.length; i += 1) layer.pixels[i] = HEAT_WORDS[values[i]];
  layer.show();
}

/** The mask (probability at least one half) as a region. */
function regionOfHeat(region, values) {
  for (let i = 0; i < values.length; i += 1) region[i] = values[i] >= HALF ? 1 : 0;
}
