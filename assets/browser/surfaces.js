// What each view shows: labels at the picture's own size, their colours, their names, and words about one label.

/** @returns {labels, colors: Map(label -> rgb), names: [{text, anchor, box}], words(label)} */
function panopticSurface(studio) {
  const rows = [...studio.segments.values()].sort((a, b) => b.area - a.area);
  return {
    labels: studio.labelMap,
    colors: studio.colors,
    names: rows.map((row) => ({ text: studio.category(row.category_id).name, anchor: row.anchor_xy,
      box: row.box_xyxy, label: row.segment_id })),
    words: (label) => labelWords(studio, label),
  };
}

/** A label without a row was painted just now; its row is on its way. */
function labelWords(studio, label) {
  if (label === 0) return say("app.hover.void");
  const row = studio.segments.get(label);
  return row ? segmentWords(studio, row) : say("app.hover.coming");
}

function segmentWords(studio, row) {
  const values = { name: studio.category(row.category_id).name, id: row.segment_id, score: probability(row.score) };
  if (studio.perPixel) return say("app.per_pixel.hover.segment", values);
  if (row.queries.length === 0) return say("app.hover.segment_alone", values);
  return say("app.hover.segment", { ...values, query: row.queries.join(", ") });
}

async function semanticSurface(studio) {
  const { height, width } = studio.document;
  const reply = await studio.extra("semantic");
  const classes = await inflateLabels(reply.classes, height * width);
  const labels = Uint16Array.from(classes, (index) => index + 1);
  const present = new Set(labels);
  return {
    labels: new LabelMap(height, width, labels),
    colors: new Map([...present].map((label) => [label, studio.taxonomy[label - 1].color])),
    names: [],
    words: (label) => say("app.hover.class", { name: studio.className(label - 1) }),
  };
}

/** Instances above the score threshold, weakest first, so that the surest lies on top. */
async function instanceSurface(studio) {
  const { height, width } = studio.document;
  const reply = await studio.extra("instances");
  const rows = reply.instances.filter((row) => row.score > studio.state.thresholds.score);
  rows.sort((a, b) => a.score - b.score);
  const labels = new Uint16Array(height * width);
  rows.forEach((row, i) => stampRuns(labels, height, width, runsOf(row.counts), i + 1));
  const named = rows.map((row, i) => ({ ...row, label: i + 1, name: studio.category(row.category_id).name }));
  return {
    labels: new LabelMap(height, width, labels),
    colors: distinctColors(named, (id) => studio.category(id)),
    names: named.toReversed().map((row) => ({ text: row.name, anchor: middle(row.box_xyxy), box: row.box_xyxy })),
    words: (label) => (label === 0 ? say("app.hover.no_instance") : instanceWords(named[label - 1])),
    queryOf: (label) => named[label - 1]?.query ?? null,
  };
}

function instanceWords({ name, score, query }) {
  return say("app.hover.instance", { name, score: probability(score), query });
}

function middle([x0, y0, x1, y1]) {
  return [(x0 + x1) / 2, (y0 + y1) / 2];
}
