// The tour: segments that deserve a look, the most doubtful first, walked until each was looked at.

class Tour {
  constructor(studio, edits) {
    Object.assign(this, { studio, edits });
    this.forget();
    studio.on("document", () => this.forget());
  }

  forget() {
    Object.assign(this, { rows: [], known: null, passed: new Set() });
  }

  /** The rows whose segments are still there. */
  get present() {
    return this.rows.filter(({ segment_id: id }) => this.studio.segments.has(id));
  }

  /** True while a segment of the tour is chosen. */
  get isOn() {
    return this.row(this.studio.choice.segment) !== undefined;
  }

  row(segmentId) {
    return this.present.find((row) => row.segment_id === segmentId);
  }

  /** Where a segment stands: {at, count, reviewed}, counted from 1. */
  standing(segmentId) {
    const { present, studio } = this;
    const reviewed = present.filter((row) => studio.segments.get(row.segment_id).reviewed).length;
    return { at: present.findIndex((row) => row.segment_id === segmentId) + 1, count: present.length, reviewed };
  }

  /** True where the model has brought segments that the tour does not know. */
  get isStale() {
    const isNews = (row) => !row.touched && !this.known.has(row.segment_id);
    return this.known === null || [...this.studio.segments.values()].some(isNews);
  }

  /** True once the doubts of the open picture are here. */
  async load() {
    const { studio } = this;
    const { document } = studio;
    const reply = await studio.during(() => studio.request("doubtful"));
    if (!reply || studio.document !== document) return false;
    this.rows = reply.rows;
    this.known = new Set(studio.segments.keys());
    return true;
  }

  /** Reviews a segment; until the server has said so, it counts as reviewed here. */
  review(segmentId) {
    const { passed } = this;
    passed.add(segmentId);
    this.edits.review(segmentId, true).then(() => passed.delete(segmentId));
  }

  isReviewed(segmentId) {
    return this.passed.has(segmentId) || this.studio.segments.get(segmentId).reviewed;
  }

  /** Chooses the next (1) or previous (-1) segment that nobody has reviewed. */
  async walk(by) {
    const { studio } = this;
    if (this.isStale && !await this.load()) return;
    const { present } = this;
    const from = present.findIndex((row) => row.segment_id === studio.choice.segment);
    const start = from === -1 && by < 0 ? present.length : from;
    const steps = present.map((_, i) => present[(start + by * (i + 1) + 2 * present.length) % present.length]);
    const next = steps.find(({ segment_id: id }) => !this.isReviewed(id));
    if (next) studio.chooseSegment(next.segment_id);
    else this.edits.after(() => studio.notices.tell(say("app.tour.done"))); // the last word, after the review's own
  }
}

/** Why a segment stands in the tour, in sentences, the weightiest first. */
function reasonsOf(studio, { reasons, classes = [] }) {
  const named = classes.map(({ category_id: id, probability: p }) => `${studio.category(id).name} ${probability(p)}`);
  const [first, second] = named;
  if (reasons.length === 0) return [say("app.doubt.unseen")];
  return reasons.map((reason) => (
    say(reason === "class" && named.length > 1 ? "app.doubt.classes" : `app.doubt.${reason}`, { first, second })));
}
