// One gesture in the making: covered pixels show at once what they become; finishing it sends one edit.

class Gesture {
  constructor({ studio, edits, coverage }, aim) {
    Object.assign(this, { studio, edits, coverage, aim });
    this.key = uniqueId("gesture"); // of what is painted ahead of the server
    coverage.clear();
  }

  /** Covers what a raster rule says, and shows it. */
  cover(rule, ...places) {
    const box = this.coverage.stamp(rule, ...places);
    if (box) this.studio.paintLocally(box, this.coverage.recolor(this.studio.labelMap, box, this.aim.after), this.key);
  }

  /** @param edit instead of the pixels, where another edit says the same in fewer words */
  finish(edit = null) {
    const { aim, coverage, key } = this;
    if (!coverage.box) return this.cancel();
    if (aim.makes !== null) this.edits.outbox.newcomers.measure(aim.makes, coverage.box);
    const more = { key, makes: aim.makes, quiet: true };
    if (edit) return this.edits.edit(edit, more);
    const drawn = { ...aim.edit, box_xyxy: coverage.box };
    const runs = coverage.runs(); // said at once: a stroke is on its way before the next frame is painted
    return runs ? this.edits.edit({ ...drawn, runs }, more)
      : this.edits.edit(drawn, { ...more, file: deflate(coverage.pack()) });
  }

  cancel() {
    this.studio.unpaint(this.key);
    if (this.aim.makes !== null) this.edits.outbox.newcomers.settle(this.aim.makes, null);
  }

  /** A segment drawn just before has its real id now. */
  rename(from, to) {
    const { edit, after } = this.aim;
    if (edit.segment_id !== from) return;
    edit.segment_id = to;
    after.forEach((label, i) => { if (label === from) after[i] = to; });
  }
}
