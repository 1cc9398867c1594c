// More like this: places that look like the chosen segment, walked through and taken one by one, or all at once.

class Alike {
  constructor(toolbox) {
    Object.assign(this, { toolbox, name: "alike", cursor: "pointer" });
    this.forget();
  }

  forget() {
    Object.assign(this, { candidates: [], at: 0, categoryId: null });
  }

  /** Asks for the places, and shows them where there are any. */
  find() {
    const { toolbox, toolbox: { studio, edits } } = this;
    const segmentId = chosenSegment(studio);
    if (segmentId === null) return void studio.notices.tell(say("app.alike.choose_first"));
    edits.after(() => studio.during(async () => {
      const { document } = studio;
      const reply = await toolbox.work.ask("alike", { segment_id: segmentId });
      const candidates = await Promise.all(reply.candidates.map((row) => candidateOf(row)));
      if (studio.document !== document) return;
      if (candidates.length === 0) return void studio.notices.tell(say("app.alike.none"));
      toolbox.take("alike");
      Object.assign(this, { candidates, at: 0, categoryId: reply.category_id });
      toolbox.offer.show("", [], { take: () => this.take([this.current]), all: () => this.take(this.candidates),
        refuse: () => this.end(), step: (by) => this.step(by), refuseWords: say("app.alike.end") });
      this.show();
    }));
  }

  get current() {
    return this.candidates[this.at];
  }

  show() {
    const { toolbox: { studio, offer }, candidates, current, categoryId } = this;
    const { name, color } = studio.category(categoryId);
    const ghosts = candidates.filter((each) => each !== current).map(({ box, mask }) => ghost(box, mask, color));
    offer.tell(say("app.alike.at", { at: whole(this.at + 1), all: whole(candidates.length), name,
      score: probability(current.score) }), [...ghosts, ghost(current.box, current.mask, ACCENT, true)]);
  }

  step(by) {
    this.at = (this.at + by + this.candidates.length) % this.candidates.length;
    this.bringInSight(this.current.box);
    this.show();
  }

  /** Moves the picture where nothing of a box is in the window. */
  bringInSight([x0, y0, x1, y1]) {
    const { viewport } = this.toolbox.stage;
    const [left, top, right, bottom] = viewport.view.visible;
    if (x1 < left || x0 > right || y1 < top || y0 > bottom) viewport.centreOn((x0 + x1) / 2, (y0 + y1) / 2);
  }

  /** Makes candidates segments; those of one gesture are undone together. */
  take(taken) {
    const { toolbox: { edits, offer }, categoryId } = this;
    const gesture = uniqueId("gesture");
    const settled = taken.map(({ box, row }) => {
      const [drawn, file] = packedAgain(row);
      return edits.edit({ kind: "refine", box_xyxy: box, ...drawn, category_id: categoryId, clicks: [] }, { file, gesture });
    });
    this.candidates = this.candidates.filter((each) => !taken.includes(each));
    this.at = Math.min(this.at, this.candidates.length - 1);
    if (this.candidates.length > 0) this.show();
    else Promise.all(settled).then(() => offer.open && this.candidates.length === 0 && this.end());
  }

  end() {
    if (this.toolbox.name === "alike") this.toolbox.takePrevious();
    else this.reset();
  }

  /** Put away. */
  reset() {
    this.forget();
    this.toolbox.offer.close();
  }

  down() {}

  move() {}

  up(point) {
    const found = this.candidates.find((each) => holds(each, point));
    if (found) this.take([found]);
  }

  cancel() {}

  hover(point) {
    const at = point ? this.candidates.findIndex((each) => holds(each, point)) : -1;
    if (at === -1 || at === this.at) return;
    this.at = at;
    this.show();
  }

  draw() {}
}

async function candidateOf(row) {
  return { row, box: row.box_xyxy, score: row.score, mask: await unpackMask(row) };
}
