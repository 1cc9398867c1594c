// Letting a server's reply into the open document: only what changed is read, patched and announced.

/**
 * @param reply {version, base, box_xyxy?, labels?, segments?, gone?, fates?, thresholds?, off?, taxonomy?, undo, redo}
 * @param key of the strokes painted ahead of this reply; they give way to it
 * @returns false where the reply builds on a version that we do not have: the caller reloads
 */
async function applyDelta(studio, reply, key = null) {
  const { document } = studio;
  const labels = reply.labels ? await inflateLabels(reply.labels, areaOf(reply.box_xyxy)) : null;
  if (studio.document !== document) return true;
  const news = reply.version > studio.state.version;
  if (news && reply.base !== studio.state.version) return false;
  const boxes = patchLabels(studio, news && labels ? reply.box_xyxy : null, labels, key);
  if (news) patchState(studio, reply);
  for (const box of boxes) studio.emit("pixels", box);
  if (news) studio.announce(newsOf(reply));
  return true;
}

/** What parts of the page need not look at again where it did not change; `tables`: names, colours or thresholds. */
function newsOf({ segments = [], gone = [], fates, taxonomy, thresholds }) {
  return { segments, gone, fates: Boolean(fates), tables: Boolean(taxonomy || thresholds) };
}

function areaOf([x0, y0, x1, y1]) {
  return (y1 - y0) * (x1 - x0);
}

/** Writes the reply's labels under the strokes that still wait; answers the boxes whose pixels may differ now. */
function patchLabels(studio, box, labels, key) {
  const { labelMap, localPaint } = studio;
  localPaint.lift(labelMap);
  const boxes = localPaint.drop(key);
  if (box) labelMap.write(box, labels);
  localPaint.lay(labelMap);
  return box ? [...boxes, box] : boxes;
}

function patchState(studio, reply) {
  const { version, undo, redo } = reply;
  const { thresholds = studio.state.thresholds, off = studio.state.off } = reply;
  studio.state = { ...studio.state, version, undo, redo, thresholds, off };
  for (const row of reply.segments ?? []) {
    studio.segments.set(row.segment_id, row);
    studio.colors.set(row.segment_id, row.color);
  }
  for (const segmentId of reply.gone ?? []) {
    studio.segments.delete(segmentId);
    studio.colors.delete(segmentId);
  }
  for (const row of reply.fates ?? []) studio.fates.set(row.query, row);
  if (reply.taxonomy) studio.adoptTaxonomy(reply.taxonomy);
}
