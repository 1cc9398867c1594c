// The connected parts of a query's mask: a click begins with the part that it lies in, not with every window of a facade.

class QueryParts {
  constructor() {
    this.known = new WeakMap(); // a query's details → {labels of its cells, details of each part by label}
  }

  /** A query's details with nothing but the part that holds a native pixel; the details themselves where none does. */
  at(detail, picture, { x, y }) {
    const { heat_height: height, heat_width: width } = detail;
    if (!this.known.has(detail)) this.known.set(detail, { labels: partsOf(detail), parts: new Map() });
    const { labels, parts } = this.known.get(detail);
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / picture.height));
    const column = Math.min(width - 1, Math.floor(((x + 0.5) * width) / picture.width));
    const label = labels[row * width + column];
    if (label === 0) return detail;
    if (!parts.has(label)) {
      const heatGrid = detail.heatGrid.map((value, cell) => (labels[cell] === 0 || labels[cell] === label ? value : 0));
      parts.set(label, { ...detail, heatGrid });
    }
    return parts.get(label);
  }
}

/** For every cell the number of its 4-connected part, from 1 on; 0 where the mask does not hold it. */
function partsOf({ heatGrid, heat_height: height, heat_width: width }) {
  const labels = new Uint32Array(height * width);
  let count = 0;
  for (let start = 0; start < labels.length; start += 1) {
    if (labels[start] !== 0 || heatGrid[start] < HALF) continue;
    count += 1;
    labels[start] = count;
    for (const open = [start]; open.length > 0;) {
      const cell = open.pop();
      const column = cell % width;
      const beside = [cell - width, cell + width, column > 0 ? cell - 1 : -1, column < width - 1 ? cell + 1 : -1];
      for (const next of beside) {
        if (next < 0 || next >= labels.length || labels[next] !== 0 || heatGrid[next] < HALF) continue;
        labels[next] = count;
        open.push(next);
      }
    }
  }
  return labels;
}
