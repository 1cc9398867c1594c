// From an answer to a click to labels: the shape that a segment has then; what it loses is void.

/** Labels of the answer's box afterwards; protected segments keep theirs. */
async function refinedLabels(studio, reply, target) {
  const { box_xyxy: box } = reply;
  const pixels = areaOf(box);
  const inside = await unpackMask(reply);
  const labels = studio.labelMap.read(box);
  const isLocked = lockedTable(studio);
  for (let i = 0; i < pixels; i += 1) {
    if (isLocked[labels[i]]) continue;
    if (inside[i]) labels[i] = target;
    else if (labels[i] === target) labels[i] = 0;
  }
  return labels;
}

function lockedTable(studio) {
  const table = new Uint8Array(LABELS);
  for (const row of studio.segments.values()) if (row.locked) table[row.segment_id] = 1;
  return table;
}
