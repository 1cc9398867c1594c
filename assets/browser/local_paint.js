// What the person painted and the server has not confirmed yet: laid over the server's labels, lifted to let a reply in.

class LocalPaint {
  constructor() {
    this.strokes = []; // {key, box, labels, mine: 1 where the stroke changed a label, under: labels it lies on}
  }

  /** Paints a box of labels and remembers the pixels that this changes under a key of the caller's. */
  add(labelMap, key, box, labels) {
    const under = labelMap.read(box);
    const mine = differences(labels, under);
    labelMap.write(box, labels, mine);
    this.strokes.push({ key, box, labels, mine, under });
  }

  /** Takes all strokes off, so that the map holds what the server said. */
  lift(labelMap) {
    for (const { box, mine, under } of this.strokes.toReversed()) labelMap.write(box, under, mine);
  }

  /** Puts the strokes back in their order, over whatever the map holds now. */
  lay(labelMap) {
    for (const stroke of this.strokes) {
      stroke.under = labelMap.read(stroke.box);
      labelMap.write(stroke.box, stroke.labels, stroke.mine);
    }
  }

  /** Forgets the strokes of a key while they are lifted; answers their boxes. */
  drop(key) {
    const gone = this.strokes.filter((stroke) => stroke.key === key);
    this.strokes = this.strokes.filter((stroke) => stroke.key !== key);
    return gone.map(({ box }) => box);
  }
}

/** 1 where two arrays of labels differ; a loop, because a callback a pixel takes ten times as long. */
function differences(labels, others) {
  const differs = new Uint8Array(labels.length);
  for (let i = 0; i < labels.length; i += 1) differs[i] = labels[i] === others[i] ? 0 : 1;
  return differs;
}
