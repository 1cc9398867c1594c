// The label map at the picture's own size, and the raster on which it is shown.

const LARGEST_RASTER = 2048; // long side in canvas pixels
const FINE_RASTER = 1600; // small pictures are enlarged by a whole factor up to about here

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

/** Which native column and row each canvas pixel shows. */
class Raster {
  constructor(height, width) {
    const long = Math.max(height, width);
    const scale = long < FINE_RASTER ? Math.max(1, Math.floor(FINE_RASTER / long)) : Math.min(1, LARGEST_RASTER / long);
    this.scale = Math.min(8, scale);
    this.height = Math.max(1, Math.round(height * this.scale));
    this.width = Math.max(1, Math.round(width * this.scale));
    this.columns = nativeIndices(this.width, width);
    this.rowStarts = nativeIndices(this.height, height).map((row) => row * width);
    this.stroke = 1; // canvas pixels of a thin line
  }

  /** Keeps a thin line about one CSS pixel wide; true where that changes the line. */
  shownAt(cssWidth) {
    const stroke = Math.min(6, Math.max(1, Math.round(this.width / cssWidth)));
    const changed = stroke !== this.stroke;
    this.stroke = stroke;
    return changed;
  }

  /** A native box as [x0, y0, x1, y1] on the canvas, grown by one native pixel, half open. */
  box([x0, y0, x1, y1]) {
    return [
      Math.max(0, Math.floor((x0 - 1) * this.scale)),
      Math.max(0, Math.floor((y0 - 1) * this.scale)),
      Math.min(this.width, Math.ceil((x1 + 1) * this.scale)),
      Math.min(this.height, Math.ceil((y1 + 1) * this.scale)),
    ];
  }
}

function nativeIndices(shown, native) {
  return Int32Array.from({ length: shown }, (_, i) => Math.min(native - 1, Math.floor(((i + 0.5) * native) / shown)));
}
