// Segments that were drawn here and have no id of the server's yet: until then they go by a label from the top.

const TOP_LABEL = 65535;

class Newcomers {
  constructor(studio) {
    this.studio = studio;
    this.labels = new Set();
    this.settled = () => {}; // told (label, id) once the server has named one
  }

  /** Opens a segment of a category, and chooses it unless a person is about another one; answers its label. */
  open(categoryId, [x, y], { origin = "paint", isChosen = true } = {}) {
    const { studio } = this;
    let label = TOP_LABEL;
    while (studio.segments.has(label) || this.labels.has(label)) label -= 1;
    this.labels.add(label);
    const row = { segment_id: label, category_id: categoryId, score: 1, area: 0, queries: [], origin,
      touched: true, color: studio.category(categoryId).color, box_xyxy: [x, y, x + 1, y + 1], anchor_xy: [x, y] };
    studio.segments.set(label, row);
    studio.colors.set(label, row.color);
    studio.announce(newsOf({ segments: [row] }));
    if (isChosen) studio.chooseSegment(label);
    return label;
  }

  /** Where it lies, once it is drawn. */
  measure(label, [x0, y0, x1, y1]) {
    const row = this.studio.segments.get(label);
    if (!row) return;
    const anchor = [Math.floor((x0 + x1) / 2), Math.floor((y0 + y1) / 2)];
    Object.assign(row, { box_xyxy: [x0, y0, x1, y1], anchor_xy: anchor, area: (x1 - x0) * (y1 - y0) });
    this.studio.announce(newsOf({ segments: [row] }));
  }

  /** The server named it (or refused it, with null): whoever chose it has the real one chosen. */
  settle(label, id) {
    const { studio } = this;
    const chosen = studio.choice.segment === label;
    if (id !== null) renameStrokes(studio, label, id);
    this.labels.delete(label);
    studio.segments.delete(label);
    studio.colors.delete(label);
    this.settled(label, id);
    if (chosen && studio.segments.has(id)) studio.chooseSegment(id);
    studio.announce(newsOf({ gone: [label] }));
  }
}

/** Strokes that are still on their way belong to the segment under its real id. */
function renameStrokes({ localPaint, labelMap }, from, to) {
  localPaint.lift(labelMap);
  for (const stroke of localPaint.strokes) stroke.labels = stroke.labels.map((label) => (label === from ? to : label));
  localPaint.lay(labelMap);
}
