// Which pixels a gesture covers, as half-open runs: every rule calls run(y, x0, x1), clipped to the picture.
//
// Brush: pixels whose centre lies within d / 2 of the stroke, a polyline through pixel centres. Polygon, lasso: pixels
// whose centre is inside by even-odd; corners are pixel corners, and a centre on an edge belongs to what lies to its
// right. Rectangle: half open between two pixel corners. Fill: the 4-connected region of one label. All comparisons
// are of whole numbers, so that no rounding decides about a pixel.

/** The pixels within diameter / 2 of the line from pixel a to pixel b. */
function lineRuns([ax, ay], [bx, by], diameter, { height, width }, run) {
  const covers = coverOf(ax, ay, bx, by, diameter);
  const reach = Math.floor(diameter / 2);
  const [top, bottom] = [Math.max(0, Math.min(ay, by) - reach), Math.min(height - 1, Math.max(ay, by) + reach)];
  for (let y = top; y <= bottom; y += 1) {
    const [near, far] = nearRow(ax, ay, bx, by, y, diameter / 2);
    let x0 = Math.max(0, near);
    let x1 = Math.min(width, far + 1);
    while (x0 < x1 && !covers(x0, y)) x0 += 1;
    while (x1 > x0 && !covers(x1 - 1, y)) x1 -= 1;
    if (x0 < x1) run(y, x0, x1);
  }
}

/** covers(x, y): squared distance to the segment at most (diameter / 2) squared, in whole numbers. */
function coverOf(ax, ay, bx, by, diameter) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const most = diameter * diameter;
  return (x, y) => {
    const along = (x - ax) * dx + (y - ay) * dy;
    if (along <= 0) return 4 * ((x - ax) ** 2 + (y - ay) ** 2) <= most;
    if (along >= length) return 4 * ((x - bx) ** 2 + (y - by) ** 2) <= most;
    return 4 * ((x - ax) * dy - (y - ay) * dx) ** 2 <= most * length;
  };
}

/** Columns outside which a row holds no pixel of the line: those of its part within `reach` rows. */
function nearRow(ax, ay, bx, by, y, reach) {
  const dy = by - ay;
  const at = (row) => (dy === 0 ? 0 : clamp((row - ay) / dy, 0, 1));
  const ends = dy === 0 ? [ax, bx] : [at(y - reach), at(y + reach)].map((share) => ax + share * (bx - ax));
  return [Math.floor(Math.min(...ends) - reach), Math.ceil(Math.max(...ends) + reach)];
}

/** The pixels whose centre is inside the closed polygon, by even-odd; corners are whole numbers. */
function polygonRuns(corners, { height, width }, run) {
  const rows = corners.map(([, y]) => y);
  const bottom = Math.min(height, Math.max(...rows));
  for (let y = Math.max(0, Math.min(...rows)); y < bottom; y += 1) {
    const crossings = crossingsOf(corners, y);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const x0 = Math.max(0, crossings[i]);
      const x1 = Math.min(width, crossings[i + 1]);
      if (x0 < x1) run(y, x0, x1);
    }
  }
}

/** The first pixel at or right of each edge that crosses the middle of row y, in order. */
function crossingsOf(corners, y) {
  const crossings = [];
  let [ax, ay] = corners.at(-1);
  for (const [bx, by] of corners) {
    if (ay <= y !== by <= y) {
      const rise = 2 * (by - ay);
      crossings.push(Math.ceil((ax * rise + (2 * (y - ay) + 1) * (bx - ax) - rise / 2) / rise));
    }
    [ax, ay] = [bx, by];
  }
  return crossings.sort((a, b) => a - b);
}

/** The pixels between two pixel corners, half open. */
function rectangleRuns([ax, ay], [bx, by], { height, width }, run) {
  const [x0, x1] = [Math.max(0, Math.min(ax, bx)), Math.min(width, Math.max(ax, bx))];
  if (x0 >= x1) return;
  for (let y = Math.max(0, Math.min(ay, by)); y < Math.min(height, Math.max(ay, by)); y += 1) run(y, x0, x1);
}

/** The 4-connected region of the label at a pixel. */
function fillRuns(labels, [x, y], { height, width }, run) {
  const label = labels[y * width + x];
  const seen = new Uint8Array(height * width);
  const seeds = [[x, y]];
  while (seeds.length > 0) {
    const [seed, row] = seeds.pop();
    const start = row * width;
    if (seen[start + seed]) continue;
    let [x0, x1] = [seed, seed + 1];
    while (x0 > 0 && labels[start + x0 - 1] === label) x0 -= 1;
    while (x1 < width && labels[start + x1] === label) x1 += 1;
    seen.fill(1, start + x0, start + x1);
    run(row, x0, x1);
    for (const next of [row - 1, row + 1]) if (next >= 0 && next < height) seedRow(next, x0, x1);
  }

  function seedRow(row, x0, x1) {
    const start = row * width;
    for (let i = x0; i < x1; i += 1) {
      const opens = i === x0 || labels[start + i - 1] !== label;
      if (opens && labels[start + i] === label && !seen[start + i]) seeds.push([i, row]);
    }
  }
}
