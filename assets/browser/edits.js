// Edits go to the server one at a time, each on the newest version; thresholds overtake themselves.

class Edits {
  constructor(studio) {
    this.studio = studio;
    this.tail = Promise.resolve();
    this.wanted = null; // the threshold edit that waits for its turn
  }

  relabel(segmentId, categoryId) {
    return this.edit({ kind: "relabel", segment_id: segmentId, category_id: categoryId });
  }

  remove(segmentId, fill) {
    return this.edit({ kind: "delete", segment_id: segmentId, fill });
  }

  async promote(query) {
    await this.edit({ kind: "promote", query });
    const segmentId = this.studio.fates.get(query)?.segment_id ?? null;
    if (segmentId !== null) this.studio.chooseSegment(segmentId);
  }

  switch(query, on) {
    return this.edit({ kind: "switch", query, on });
  }

  /** While one request is on its way only the last wish is kept. */
  setThresholds(score, overlap, gesture) {
    const waiting = this.wanted !== null;
    this.wanted = { edit: { kind: "thresholds", score, overlap }, gesture };
    if (waiting) return;
    this.enqueue(() => {
      const fields = this.wanted;
      this.wanted = null;
      return this.send("edit", fields, true);
    });
  }

  undo() {
    if (this.studio.state?.undo) this.enqueue(() => this.send("undo"));
  }

  redo() {
    if (this.studio.state?.redo) this.enqueue(() => this.send("redo"));
  }

  /** Saves the files of the newest version. */
  export() {
    return this.enqueue(async () => {
      const reply = await this.studio.request("export");
      saveFile(reply.file_name, reply.zip, "application/zip");
      this.studio.markExported();
      this.studio.notices.tell(reply.message);
    });
  }

  edit(edit) {
    return this.enqueue(() => this.send("edit", { edit, gesture: uniqueId("gesture") }));
  }

  enqueue(work) {
    const { document } = this.studio;
    this.tail = this.tail.then(() => this.studio.document === document && this.studio.during(work));
    return this.tail;
  }

  async send(name, fields = {}, quiet = false) {
    const { studio } = this;
    try {
      const reply = await studio.request(name, { ...fields, version: studio.state.version });
      await studio.receive(reply.state);
      if (reply.message && !quiet) studio.notices.tell(reply.message);
    } catch (refusal) {
      if (!refusal.stale) throw refusal;
      await studio.reload();
      studio.notices.tell(say("app.notice.stale"));
    }
  }
}
