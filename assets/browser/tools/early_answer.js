// A click is asked about when the button goes down: by the time that it is up again, a tenth of a second later, the answer
// is there or nearly so. Asking changes nothing, so that an answer to what became no click, or another one, is dropped.

class EarlyAnswer {
  constructor(studio, work) {
    Object.assign(this, { studio, work, asked: null });
  }

  /** @param question what is asked if the press stays a click; null where that cannot be told yet */
  begin(question) {
    this.asked = question && { mark: this.markOf(question), reply: this.work.ask("refine", question) };
    this.asked?.reply.catch(() => null); // who needs the answer is told what is wrong with it
  }

  /** The answer to a question, from before where it is the same one about the same version. */
  take(question) {
    const { asked } = this;
    this.asked = null;
    return asked?.mark === this.markOf(question) ? asked.reply : this.work.ask("refine", question);
  }

  markOf(question) {
    return JSON.stringify([this.studio.document.id, this.studio.state.version, question]);
  }
}
