// What the pixels of a gesture become: an edit without its pixels, and the same as a table from label to label.
//
// A protected segment's label always stays what it is. With "only void" so does every label but 0.

const LABELS = 65536;

/** @returns {edit, after, makes} where every pixel that is not protected turns to `target` */
function paintAim(studio, target, fields, { onlyVoid = false, makes = null } = {}) {
  const after = new Uint16Array(LABELS).fill(target);
  if (onlyVoid) for (let label = 1; label < LABELS; label += 1) after[label] = label;
  const edit = { kind: "paint", ...fields, ...(onlyVoid ? { only_void: true } : {}) };
  return { edit, after: keepLocked(studio, after), makes };
}

function eraseAim(studio) {
  return paintAim(studio, 0, { segment_id: 0 });
}

function subtractAim(studio, segmentId) {
  const after = Uint16Array.from({ length: LABELS }, (_, label) => label);
  after[segmentId] = 0;
  return { edit: { kind: "subtract", segment_id: segmentId }, after: keepLocked(studio, after), makes: null };
}

function keepLocked(studio, after) {
  for (const row of studio.segments.values()) if (row.locked) after[row.segment_id] = row.segment_id;
  return after;
}

/** The segment that the choice stands for, protected or not; null where there is none. */
function chosenSegment(studio) {
  const { segment } = studio.choice;
  return studio.segments.has(segment) ? segment : null;
}
