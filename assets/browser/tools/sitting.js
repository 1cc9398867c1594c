// What a person has said about one segment, by clicks, strokes and a box, until it is accepted or dropped.
//
// A prompt is {x, y, positive}, {points_xy, width, positive} or {box_xyxy}, with `pending` until it is answered, and the
// gesture of the edit that it led to; null where it changed nothing.

const MOST_SAID = 400; // places that an edit tells of
const STROKE_PLACES = 12; // of one stroke among them

class Sitting {
  /**
   * @param target id of the segment, or null for one that the first answer makes
   * @param chosen the segment that was chosen when it began
   */
  constructor(trail, target, chosen = null) {
    Object.assign(this, { trail, target, chosen, prompts: [], accepted: target !== null });
  }

  add(prompt) {
    this.prompts = this.with(Object.assign(prompt, { pending: true, gesture: null }));
  }

  /** The present prompts and one that is not said yet. */
  with(prompt) {
    return [...this.present, prompt];
  }

  remove(prompt) {
    this.prompts = this.prompts.filter((other) => other !== prompt);
  }

  has(prompt) {
    return this.prompts.includes(prompt);
  }

  /** Those that are not taken back. */
  get present() {
    return this.prompts.filter(({ gesture }) => !this.trail.isUndone(gesture));
  }

  /** The present prompts up to one, oldest first. */
  upTo(prompt) {
    const { present } = this;
    return present.slice(0, present.indexOf(prompt) + 1);
  }

  /** What is asked about them; a click after a stroke goes as a short stroke. */
  fields(prompts) {
    const said = prompts.filter((prompt) => !("box_xyxy" in prompt));
    const first = said.findIndex((prompt) => "points_xy" in prompt);
    const clicks = first === -1 ? said : said.slice(0, first);
    const strokes = first === -1 ? [] : said.slice(first);
    return {
      clicks: clicks.map(({ x, y, positive }) => ({ x, y, positive })),
      strokes: strokes.map(({ x, y, points_xy: points = [[x, y], [x, y]], width = 1, positive }) => (
        { points_xy: points, width, positive })),
      box_xyxy: boundsOf(prompts),
      accepted: this.accepted,
    };
  }

  /** The places that were pointed at, for the record. */
  said(prompts) {
    return prompts.flatMap((prompt) => placesOf(prompt)).slice(-MOST_SAID);
  }

  /** How many undos take everything back that was said here, and all that came after. */
  get depth() {
    return Math.max(0, ...this.present.map(({ gesture }) => (gesture === null ? 0 : this.trail.depth(gesture))));
  }
}

/** The last box, until what lies outside it is pointed at. */
function boundsOf(prompts) {
  const place = prompts.findLastIndex((prompt) => "box_xyxy" in prompt);
  if (place === -1) return null;
  const [x0, y0, x1, y1] = prompts[place].box_xyxy;
  const isOutside = ({ x, y, positive }) => positive && (x < x0 || y < y0 || x >= x1 || y >= y1);
  const isLeft = prompts.slice(place + 1).some((prompt) => placesOf(prompt).some(isOutside));
  return isLeft ? null : prompts[place].box_xyxy;
}

function placesOf({ x, y, positive, points_xy: points, box_xyxy: box }) {
  if (box) return [{ x: Math.floor((box[0] + box[2]) / 2), y: Math.floor((box[1] + box[3]) / 2), positive: true }];
  if (!points) return [{ x, y, positive }];
  const step = Math.ceil(points.length / STROKE_PLACES);
  return points.filter((_, i) => i % step === 0).map(([px, py]) => ({ x: Math.max(0, px), y: Math.max(0, py), positive }));
}
