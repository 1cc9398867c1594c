// Shapes that are shown and are not in the document: what an answer would change, what was found alike.

const ACCENT = [56, 189, 248]; // of what is meant

/** A byte for each pixel of a box, row by row: from the lengths of runs, or from deflated bits where there are many. */
function unpackMask({ box_xyxy: box, runs, mask }) {
  return runs ? stretchRuns(runs, areaOf(box)) : unpackBits(mask, areaOf(box));
}

function stretchRuns(runs, pixels) {
  const mask = new Uint8Array(pixels);
  let start = 0;
  runs.forEach((length, turn) => {
    if (turn % 2 === 1) mask.fill(1, start, start + length);
    start += length;
  });
  if (start !== pixels) throw new Refusal(say("app.error.reply"));
  return mask;
}

/** The first pixel is in the highest bit. */
async function unpackBits(base64, pixels) {
  const bytes = new Uint8Array(await inflate(base64));
  if (bytes.length !== Math.ceil(pixels / 8)) throw new Refusal(say("app.error.reply"));
  const mask = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i += 1) mask[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return mask;
}

/** 1 where a canvas pixel shows a native pixel that a mask (of a native box) has. */
function regionOfMask(region, view, { box: [left, top, right, bottom], mask }, [x0, y0, x1, y1]) {
  const { canvas: { width }, columns, rows } = view;
  for (let y = y0; y < y1; y += 1) {
    const within = rows[y] >= top && rows[y] < bottom;
    const start = (rows[y] - top) * (right - left) - left;
    for (let x = x0; x < x1; x += 1) {
      const shows = within && columns[x] >= left && columns[x] < right;
      region[y * width + x] = shows ? mask[start + columns[x]] : 0;
    }
  }
}

/** The same mask as an edit takes it: [fields, file]. */
function packedAgain({ runs, mask }) {
  return runs ? [{ runs }, null] : [{}, bytesOf(mask)];
}

/** @param color of the shape's inside; @param strong for the one of several that is meant */
function ghost(box, mask, color, strong = false) {
  return { box, mask, tint: pixelWord(color, strong ? 150 : 90) };
}

function holds({ box: [x0, y0, x1, y1], mask }, { x, y }) {
  return x >= x0 && x < x1 && y >= y0 && y < y1 && mask[(y - y0) * (x1 - x0) + x - x0] === 1;
}
