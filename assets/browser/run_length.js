// COCO's compressed run lengths: base-48 characters of five bits, differences to the count before last.

/** The counts of a compressed string; the first run counts zeros. */
function runsOf(text) {
  const runs = [];
  let position = 0;
  while (position < text.length) {
    let value = 0;
    let shift = 0;
    let piece = 0;
    do {
      piece = text.charCodeAt(position) - 48;
      position += 1;
      value |= (piece & 31) << shift;
      shift += 5;
    } while (piece & 32);
    if (piece & 16 && shift < 32) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs;
}

/** Writes a label where the mask is set; runs go down the columns, so each is cut at the columns' ends. */
function stampRuns(labels, height, width, runs, label) {
  let pixel = 0;
  runs.forEach((length, turn) => {
    const end = pixel + length;
    while (turn % 2 === 1 && pixel < end) {
      const row = pixel % height;
      const stop = Math.min(end, pixel - row + height);
      let place = row * width + (pixel - row) / height;
      for (; pixel < stop; pixel += 1, place += width) labels[place] = label;
    }
    pixel = end;
  });
}
