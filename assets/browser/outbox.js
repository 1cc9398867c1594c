// Edits on their way: one at a time, in order, each with an id of its own, so that none is done twice.
//
// A letter that cannot be delivered waits, and all behind it; it is kept in the browser until the server has
// acknowledged it. A stale version is loaded again, and the letter sent once more on top of it.

const FIRST_PAUSE = 500; // milliseconds before an undelivered letter is sent again; doubled each time
const LONGEST_PAUSE = 8000;

class Outbox {
  constructor(studio, changed) {
    this.studio = studio;
    this.changed = changed;
    this.shelf = new OutboxShelf();
    this.newcomers = new Newcomers(studio);
    this.trail = new Trail(studio);
    this.letters = [];
    this.waiting = false; // the first letter could not be delivered
    this.running = false;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
  }

  /** "saved": nothing is on its way; "saving"; "waiting": not delivered, and kept here. */
  get mood() {
    if (this.letters.length === 0) return "saved";
    return this.waiting ? "waiting" : "saving";
  }

  /**
   * Sends one letter after all before it.
   * @param letter {name, fields, file (or its promise), key of its local paint, makes (a newcomer's label), quiet}
   * @returns the reply, or undefined where it was refused
   */
  post(letter) {
    const document = this.studio.document.id;
    return this.queue({ file: null, key: null, makes: null, quiet: false, ...letter, document, editId: letterId() });
  }

  /** What an earlier visit could not deliver about the document that opened. */
  async resume() {
    const document = this.studio.document.id;
    const known = new Set(this.letters.map(({ editId }) => editId));
    const rows = await this.shelf.of(document);
    if (this.studio.document.id !== document) return;
    for (const row of rows) if (!known.has(row.editId)) this.queue({ ...row, key: null, quiet: true });
  }

  queue(letter) {
    this.letters.push(letter);
    letter.kept = this.shelf.keep(letter);
    this.changed();
    const settled = new Promise((resolve) => { letter.settle = resolve; });
    if (!this.running) this.run();
    return settled;
  }

  async run() {
    this.running = true;
    let pause = FIRST_PAUSE;
    while (this.letters.length > 0) {
      const [letter] = this.letters;
      const { again, reply } = await this.studio.during(() => this.deliver(letter));
      if (again) {
        await this.rest(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      } else {
        pause = FIRST_PAUSE;
        this.settle(letter, reply);
      }
    }
    this.running = false;
  }

  /** Until a pause is over, or the browser says that it is online again. */
  rest(pause) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.wake = () => (clearTimeout(timer), resolve());
    });
  }

  settle(letter, reply) {
    this.waiting = false;
    this.letters.shift();
    if (letter.document === this.studio.document.id) this.trail.follow(letter, reply);
    if (letter.makes !== null) this.introduce(letter, reply);
    if (letter.document === this.studio.document.id) this.shelf.drop(letter); // else sent when that one opens again
    this.changed();
    letter.settle(reply);
  }

  /** The segment that a letter made has its real id now: all behind it learn that. */
  introduce({ makes, fields }, reply) {
    const [made = null] = reply?.made ?? [];
    if (made === null && this.passOn(makes, fields.edit.category_id)) return;
    this.newcomers.settle(makes, made);
    for (const letter of this.naming(makes)) if (made !== null && renameIn(letter, makes, made)) this.shelf.amend(letter);
  }

  /** The letters that wait, up to one that opens another segment under the same label. */
  naming(label) {
    const other = this.letters.findIndex(({ makes }) => makes === label);
    return other === -1 ? this.letters : this.letters.slice(0, other);
  }

  /** Where nothing came of a new segment, the next stroke that is to join it opens it instead. */
  passOn(makes, category) {
    const heir = this.naming(makes).find(({ fields: { edit } }) => edit?.segment_id === makes);
    if (!["paint", "fill_at"].includes(heir?.fields.edit.kind)) return false;
    const { segment_id: named, ...edit } = heir.fields.edit;
    Object.assign(heir, { makes: named, fields: { ...heir.fields, edit: { ...edit, category_id: category } } });
    this.shelf.amend(heir);
    return true;
  }

  /** The reply, or none where the letter is refused; `again` where it has to wait. */
  async deliver(letter) {
    const { studio } = this;
    letter.file = await letter.file;
    if (studio.document.id !== letter.document) return {};
    try {
      const reply = await this.send(letter);
      if (studio.document.id === letter.document) await this.admit(letter, reply);
      return { reply };
    } catch (failure) {
      return this.excuse(letter, failure);
    }
  }

  send({ name, fields, file, editId }) {
    return this.studio.request(name, { ...fields, edit_id: editId, version: this.studio.state.version }, file);
  }

  async admit(letter, reply) {
    if (reply.state) await this.studio.receive(reply.state);
    else await this.studio.applyDelta(reply, letter.key);
    if (reply.message && !letter.quiet) this.studio.notices.tell(reply.message);
  }

  async excuse(letter, failure) {
    if (!(failure instanceof Refusal)) reportError(failure);
    else if (failure.stale) return this.repeat(letter);
    else if (failure.unreachable || failure.unwritten) return this.wait(failure);
    this.studio.notices.fail(failure instanceof Refusal ? failure.message : say("app.error.browser"));
    this.studio.unpaint(letter.key);
    return {};
  }

  wait(failure) {
    if (!this.waiting) this.studio.notices.fail(failure.unwritten ? failure.message : say("app.saved.offline"));
    this.waiting = true;
    this.changed();
    return { again: true };
  }

  /** After a change elsewhere: an edit is sent again on the newest version; undo and redo meant another one. */
  async repeat(letter) {
    try {
      await this.studio.reload();
      this.trail.clear();
    } catch (failure) {
      return this.wait(failure);
    }
    const isEdit = letter.name === "edit";
    this.studio.notices.tell(say(isEdit ? "app.notice.stale_sent" : "app.notice.stale"));
    return isEdit ? { again: true } : {};
  }
}

/** True where an edit names the segment: it has another name now. */
function renameIn(letter, from, to) {
  const { edit } = letter.fields;
  const named = edit?.segment_id === from || edit?.segment_ids?.includes(from);
  if (edit?.segment_id === from) edit.segment_id = to;
  if (edit?.segment_ids) edit.segment_ids = edit.segment_ids.map((id) => (id === from ? to : id));
  return named;
}

function letterId() {
  return crypto.randomUUID?.() ?? `${uniqueId("edit")}${uniqueId("")}`; // no randomUUID without https
}
