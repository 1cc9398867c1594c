// The pixels that one gesture covers, at the picture's own size, and the box about them.

const MOST_RUNS = 20000; // more take longer to write and read than to deflate

class Coverage {
  constructor({ height, width }) {
    this.size = { height, width };
    this.mask = new Uint8Array(height * width);
    this.box = null; // half open [x0, y0, x1, y1] of all that is covered
  }

  /** Adds what a raster rule covers; answers the box of just that, or null where it covers nothing. */
  stamp(rule, ...places) {
    let box = null;
    rule(...places, this.size, (y, x0, x1) => {
      this.mask.fill(1, y * this.size.width + x0, y * this.size.width + x1);
      box = hull(box, [x0, y, x1, y + 1]);
    });
    if (box) this.box = hull(this.box, box);
    return box;
  }

  /** Forgets everything. */
  clear() {
    if (this.box) this.rows(this.box, (start, end) => this.mask.fill(0, start, end));
    this.box = null;
  }

  /** Lengths of the box's runs row by row, the first of pixels that are not covered; null where there are too many. */
  runs() {
    const runs = [0];
    let covered = 0;
    this.rows(this.box, (start, end) => {
      for (let i = start; i < end; i += 1) {
        if (this.mask[i] !== covered) covered = 1 - covered, runs.push(0);
        runs[runs.length - 1] += 1;
      }
    });
    return runs.length <= MOST_RUNS ? runs : null;
  }

  /** The box's pixels as bits, row by row, the first pixel in the highest bit. */
  pack() {
    const [x0, y0, x1, y1] = this.box;
    const bytes = new Uint8Array(Math.ceil(((y1 - y0) * (x1 - x0)) / 8));
    let bit = 0;
    this.rows(this.box, (start, end) => {
      for (let i = start; i < end; i += 1, bit += 1) if (this.mask[i]) bytes[bit >> 3] |= 128 >> (bit & 7);
    });
    return bytes;
  }

  /** What the covered labels of a box become by a table of 65536; the rest stays. */
  recolor(labelMap, box, after) {
    const labels = labelMap.read(box);
    let place = 0;
    this.rows(box, (start, end) => {
      for (let i = start; i < end; i += 1, place += 1) if (this.mask[i]) labels[place] = after[labels[place]];
    });
    return labels;
  }

  rows([x0, y0, x1, y1], visit) {
    for (let y = y0; y < y1; y += 1) visit(y * this.size.width + x0, y * this.size.width + x1);
  }
}

async function deflate(bytes) {
  return new Uint8Array(await passed(bytes, new CompressionStream("deflate")));
}
