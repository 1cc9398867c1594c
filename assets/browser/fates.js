// What became of a query: a short badge for the grid, a sentence with numbers for the inspector.

function isUsed(fate) {
  return fate !== undefined && fate.segment_id !== null;
}

/** {kind, words, color} of one query's badge. */
function fateBadge(studio, query) {
  const fate = studio.fates.get(query);
  if (!fate) return { kind: "unknown", words: "" };
  const color = fate.segment_id === null ? null : cssColor(studio.segmentColor(fate.segment_id));
  if (studio.perPixel && !isUsed(fate)) return { kind: "unused", words: say("app.per_pixel.fate.unused"), color };
  const words = {
    segment: () => say("app.fate.segment", { id: fate.segment_id }),
    fused: () => say("app.fate.fused", { id: fate.segment_id }),
    no_object: () => say("app.fate.no_object"),
    below_threshold: () => say("app.fate.below_threshold", { threshold: probability(studio.state.thresholds.score) }),
    overlapped: () => say("app.fate.overlapped", { share: wholePercentage(wonShare(fate)) }),
    off: () => say("app.fate.off"),
  }[fate.fate];
  return { kind: fate.fate, words: words(), color };
}

/** The same as a sentence. */
function fateWords(studio, query) {
  const fate = studio.fates.get(query);
  if (!fate) return say("app.inspector.query", { query });
  if (studio.perPixel) return perPixelWords(studio, fate);
  const { score: scoreThreshold, overlap } = studio.state.thresholds;
  return say(`app.fate_sentence.${fate.fate}`, {
    query,
    id: fate.segment_id,
    name: studio.className(fate.class_index),
    score: probability(fate.score),
    no_object: probability(studio.queries?.rowOf.get(query)?.no_object ?? 1),
    score_threshold: probability(scoreThreshold),
    overlap_threshold: wholePercentage(overlap),
    share: wholePercentage(wonShare(fate)),
    won: whole(fate.won_area),
    mask: whole(fate.mask_area),
  });
}

function perPixelWords(studio, fate) {
  const name = studio.className(fate.class_index);
  if (!isUsed(fate)) return say("app.per_pixel.fate_sentence.unused", { name });
  return say("app.per_pixel.fate_sentence.segment", { name, id: fate.segment_id, won: whole(fate.won_area) });
}

function wonShare({ won_area: won, mask_area: mask }) {
  return mask === 0 ? 0 : won / mask;
}
