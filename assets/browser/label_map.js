// The label map at the picture's own size.

/** Labels of every pixel, row by row; 0 is void. */
class LabelMap {
  constructor(height, width, labels) {
    Object.assign(this, { height, width, labels });
  }

  at(x, y) {
    return this.labels[y * this.width + x];
  }

  /** A copy of the labels in a half-open box, row by row. */
  read([x0, y0, x1, y1]) {
    const labels = new Uint16Array((y1 - y0) * (x1 - x0));
    for (let y = y0; y < y1; y += 1) {
      labels.set(this.labels.subarray(y * this.width + x0, y * this.width + x1), (y - y0) * (x1 - x0));
    }
    return labels;
  }

  /** Puts labels into a half-open box; with `mine` only where it is 1. */
  write([x0, y0, x1, y1], labels, mine = null) {
    let i = 0;
    for (let y = y0; y < y1; y += 1) {
      let place = y * this.width + x0;
      for (let x = x0; x < x1; x += 1, i += 1, place += 1) if (!mine || mine[i]) this.labels[place] = labels[i];
    }
  }
}
