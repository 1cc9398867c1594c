// The introduction's eight steps, from pixels to pairs to the panoptic result: each at a part of the page, with what the
// open picture says there.
//
// A step is {name, places(workbench), values(studio, facts, workbench), scene}: the nodes that it points at, of which the
// first is brought into sight, what fills its sentences, and how the page stands meanwhile: bare, the picture without its
// result; view; tab, where panels share one place; query(studio), the chosen one.

const INTRODUCTION_STEPS = [
  { name: "pixels", places: pictureOf, scene: { bare: true },
    values: ({ document: { width, height } }) => ({ width: whole(width), height: whole(height) }) },
  { name: "embeddings", places: pictureOf, scene: { bare: true },
    values: (studio, { channels, width, height }) => (
      { channels: whole(channels), columns: whole(width), rows: whole(height) }) },
  { name: "queries", places: ({ grid }) => [grid.node], scene: { tab: "queries" },
    values: ({ queries }) => ({ queries: whole(queries.rows.length) }) },
  { name: "pair", scene: { tab: "inspector", view: "query", query: surestQuery },
    places: ({ inspector, stage }) => [inspector.node, stage.viewport.node],
    values: (studio) => pairValues(studio, surestQuery(studio)) },
  { name: "no_object", places: ({ grid, studio }) => [grid.nodeOf(emptiestQuery(studio)) ?? grid.node],
    scene: { tab: "queries", query: emptiestQuery }, values: noObjectValues },
  { name: "assembly", places: ({ thresholds, stage }) => [thresholds.node, stage.viewport.node], scene: {},
    values: ({ state: { thresholds, segments } }) => ({ score: twoDigits(thresholds.score),
      overlap: wholePercentage(thresholds.overlap), segments: whole(segments.length) }) },
  { name: "correct", places: ({ strip }) => [strip.node], scene: {},
    values: (studio, facts, { keymap }) => ({ key: chordWords(keymap.of("smart")) }) },
  { name: "export", places: ({ toolbar }) => [toolbar.export], scene: {},
    values: ({ segments }) => ({ segments: whole(segments.size) }) },
];

function pictureOf({ stage }) {
  return [stage.viewport.node];
}

/** The query that is surest of what became a segment. */
function surestQuery({ queries, fates }) {
  const rows = queries.rows.toSorted((a, b) => b.score - a.score);
  return (rows.find((row) => fates.get(row.query)?.fate === "segment") ?? rows[0]).query;
}

/** The query that is surest that there is nothing for it. */
function emptiestQuery({ queries }) {
  return queries.rows.reduce((best, row) => (row.no_object > best.no_object ? row : best)).query;
}

function pairValues({ queries, document, ...studio }, query) {
  const row = queries.rowOf.get(query);
  const name = studio.categories.get(row.category_id).name;
  return { query, name, score: probability(row.score), share: percentage(row.area / (document.height * document.width)) };
}

function noObjectValues(studio) {
  const query = emptiestQuery(studio);
  const gone = [...studio.fates.values()].filter((row) => row.fate === "no_object").length;
  return { query, gone: whole(gone), queries: whole(studio.queries.rows.length),
    p: probability(studio.queries.rowOf.get(query).no_object) };
}
