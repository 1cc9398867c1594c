// What smart click asks and what becomes of the answers: an edit, or an offer where the change is large.

class SmartAnswers {
  constructor(smart) {
    const { studio, edits, stage } = smart.toolbox;
    Object.assign(this, { smart, studio, edits, offer: smart.toolbox.offer, stage });
    this.sittings = new Set(); // those that an answer is on its way for
    this.early = new EarlyAnswer(studio, smart.toolbox.work);
  }

  get work() {
    return this.smart.toolbox.work;
  }

  /** The first click of a picture does not wait for its features where this was in time. */
  prepare() {
    this.work.ask("prepare").catch(() => null); // who clicks is told what is wrong
  }

  /** Asks about a prompt that may come, unless what was said before may still change the answer. */
  foresee(sitting, prompt) {
    const isKnown = sitting !== null && this.edits.mood === "saved" && this.sittings.size === 0;
    this.early.begin(isKnown ? question(sitting, sitting.with(prompt)) : null);
  }

  /** Asks about a prompt once everything before it is done. */
  ask(sitting, prompt) {
    this.sittings.add(sitting);
    this.edits.after(() => this.studio.during(() => this.solve(sitting, prompt)))
      .then(() => this.sittings.delete(sitting));
  }

  async solve(sitting, prompt) {
    if (!sitting.has(prompt) || !prompt.pending) return;
    const prompts = sitting.upTo(prompt);
    const { document } = this.studio;
    try {
      const reply = await this.early.take(question(sitting, prompts));
      if (sitting.has(prompt) && this.studio.document === document) await this.admit(sitting, prompts, reply);
    } catch (failure) {
      sitting.remove(prompt);
      throw failure;
    } finally {
      this.smart.toolbox.redraw();
    }
  }

  /** What was offered before knows nothing of these prompts. */
  admit(sitting, prompts, reply) {
    this.offer.close();
    if (!reply.box_xyxy) return this.nothing(sitting, prompts);
    if (reply.ask) return this.question(sitting, prompts, reply);
    return this.apply(sitting, prompts, reply);
  }

  /** The prompts agree with what is there, and count from now on; or the last one is about what keeps its pixels. */
  nothing(sitting, prompts) {
    for (const prompt of prompts) prompt.pending = false;
    if (sitting.target === null) return void this.studio.notices.tell(say("app.smart.nothing"));
    const last = prompts.at(-1);
    const id = last.positive && "x" in last ? this.studio.labelMap.at(last.x, last.y) : 0;
    if (id === sitting.target || !this.studio.segments.get(id)?.locked) return;
    sitting.remove(last);
    this.studio.notices.tell(say("app.tools.locked", { id }));
  }

  /** A large change is shown and asked about. */
  async question(sitting, prompts, reply) {
    const { why, segment_id: other, share } = reply.ask;
    const mask = await changedMask(this.studio, reply, sitting.target);
    const { version } = this.studio.state;
    const answers = {
      take: () => {
        this.offer.close();
        if (this.studio.state.version !== version) return this.ask(sitting, prompts.at(-1)); // it is another picture now
        this.edits.after(() => this.studio.during(() => this.apply(sitting, prompts, reply)));
      },
      refuse: () => {
        this.offer.close();
        for (const prompt of prompts) if (prompt.pending) sitting.remove(prompt);
        this.smart.toolbox.redraw();
      },
    };
    const words = say(`app.smart.ask.${why}`, { id: other, share: share && wholePercentage(share) });
    this.offer.show(words, [ghost(reply.box_xyxy, mask, ACCENT, true)], answers);
  }

  /** Shows the answer's pixels and sends them as an edit. */
  async apply(sitting, prompts, reply) {
    const { studio, edits } = this;
    const gesture = uniqueId("gesture");
    const isNew = sitting.target === null;
    const categoryId = isNew ? this.categoryOf(reply.shortlist) : null;
    const query = isNew ? this.queryOf(prompts[0]) : null;
    if (isNew) this.open(sitting, categoryId, reply);
    const { target } = sitting;
    const labels = await refinedLabels(studio, reply, target);
    studio.paintLocally(reply.box_xyxy, labels, gesture);
    for (const prompt of prompts) if (prompt.pending) Object.assign(prompt, { pending: false, gesture });
    const [drawn, file] = packedAgain(reply);
    const edit = { kind: "refine", box_xyxy: reply.box_xyxy, ...drawn, clicks: sitting.said(prompts), query,
      ...(isNew ? { category_id: categoryId } : { segment_id: target }) };
    const more = { file, key: gesture, gesture, makes: isNew ? target : null, quiet: true };
    if (!(await edits.edit(edit, more))) prompts.forEach((prompt) => prompt.gesture === gesture && sitting.remove(prompt));
  }

  /** Makes the sitting's segment known until the server has named it. */
  open(sitting, categoryId, { box_xyxy: box, shortlist }) {
    const { newcomers } = this.edits.outbox;
    const opened = this.smart.sitting;
    const isChosen = opened === sitting || (opened === null && [null, sitting.chosen].includes(this.studio.choice.segment));
    this.smart.sitting = null; // choosing the newcomer ends no sitting
    sitting.target = newcomers.open(categoryId, box, { origin: "click", isChosen });
    this.smart.sitting = opened;
    newcomers.measure(sitting.target, box);
    this.studio.shortlists.set(sitting.target, shortlist);
    this.studio.emit("details");
  }

  /** The class of a new segment: the one that is set for clicks, else the likeliest, else the one for painting. */
  categoryOf(shortlist) {
    const { clickCategory } = this.smart.toolbox.options;
    return clickCategory ?? shortlist[0]?.category_id ?? this.smart.toolbox.category;
  }

  /** The query that explains the first click, where no segment has it yet. */
  queryOf(prompt) {
    const query = "x" in prompt ? this.smart.best.at(prompt) : null;
    const isUsed = (this.studio.fates.get(query)?.segment_id ?? null) !== null;
    return query === null || isUsed || this.studio.state.off.includes(query) || this.studio.perPixel ? null : query;
  }

  rename(from, to) {
    const { sitting } = this.smart;
    for (const each of [sitting, ...this.sittings]) if (each?.target === from) each.target = to;
  }
}

function question(sitting, prompts) {
  return { segment_id: sitting.target, prompts: sitting.fields(prompts) };
}

/** 1 where an answer changes a pixel. */
async function changedMask(studio, reply, target) {
  const before = studio.labelMap.read(reply.box_xyxy);
  const label = target ?? TOP_LABEL;
  const after = await refinedLabels(studio, reply, label);
  return differences(after, before);
}
