// One panel of Explain: it asks the server when it is in sight and draws what comes; newer questions overtake older ones.
//
// A panel says fields(), what it asks for (null: nothing yet), and draw(reply). It may say enter(), leave(), and which
// of the studio's events change its answer; `work` where a network has to look at the picture first, `tiles` where it
// shows queries, whose pictures come after the document. Marks for tests on [data-testid=explain-NAME]: data-drawn
// counts drawings.

const REST_MILLISECONDS = 200;

class ExplainPanel {
  constructor(studio, name, { changedBy = ["state"], work = null, tiles = false } = {}) {
    Object.assign(this, { studio, name, work, inSight: false, asking: false, again: false, drawn: null, shown: null });
    this.body = make("div", { class: "explain-content" });
    this.heading = make("h4", {});
    this.about = make("p", { class: "quiet" });
    this.words = make("p", { class: "explain-words quiet", role: "status", hidden: true });
    this.node = make("div", { class: `explain-panel explain-${name}`, role: "tabpanel",
      "aria-label": say(`app.explain.${name}.title`), data: { testid: `explain-${name}`, drawn: "0" } },
    make("header", { class: "explain-intro" }, this.heading, this.about),
    this.words, this.body);
    for (const event of changedBy) studio.on(event, () => this.inSight && this.follow(event));
    studio.on("document", () => { this.shown = null; });
    if (tiles) studio.on("queries", () => this.inSight && (this.shown ? this.draw(this.shown) : this.refresh()));
  }

  enter() {}

  leave() {}

  show() {
    this.inSight = true;
    write(this.heading, sayOf(this.studio, `app.explain.${this.name}.title`));
    write(this.about, sayOf(this.studio, `app.explain.${this.name}.about`));
    this.enter();
    this.refresh();
  }

  hide() {
    this.inSight = false;
    this.leave();
  }

  /** Edits may follow each other fast, and none of them is to wait for a panel: it asks when they rest. */
  follow(event) {
    clearTimeout(this.timer);
    if (event !== "state") return void this.refresh();
    this.timer = setTimeout(() => this.inSight && this.refresh(), REST_MILLISECONDS);
  }

  /** What one answer depends on: the same question is not asked twice. */
  key(fields) {
    return JSON.stringify([this.studio.document.id, this.studio.state.version, fields]);
  }

  ask(fields) {
    return this.prepared(fields, () => this.studio.request("explain", { panel: this.name, ...fields }));
  }

  /** Asks; where a network has to run first it does, in its turn, and the question is asked again. */
  async prepared(fields, ask) {
    try {
      return await ask();
    } catch (failure) {
      if (!failure.unprepared || !this.work) throw failure;
    }
    await this.work.ask("explain_prepare", { panel: this.name, ...fields });
    return ask();
  }

  async refresh() {
    if (this.asking) return void (this.again = true);
    const fields = this.fields();
    const key = fields && this.key(fields);
    if (!fields || key === this.drawn) return;
    const { document } = this.studio;
    const isOpen = () => this.studio.document === document;
    this.asking = true;
    this.node.setAttribute("aria-busy", "true");
    const reply = await this.ask(fields).catch((failure) => isOpen() && this.fail(failure));
    this.asking = false;
    this.node.removeAttribute("aria-busy");
    const { again } = this;
    this.again = false;
    if (reply && this.inSight && isOpen()) await this.take(reply, fields, key);
    if (again && this.inSight) this.refresh();
  }

  async take(reply, fields, key) {
    this.drawn = key;
    this.asked = fields;
    this.shown = reply;
    this.tell("");
    this.body.hidden = false;
    await this.draw(reply);
    this.node.dataset.drawn = String(Number(this.node.dataset.drawn) + 1);
  }

  fail(failure) {
    if (!(failure instanceof Refusal)) reportError(failure);
    this.drawn = null;
    this.body.hidden = true;
    this.tell(failure instanceof Refusal ? failure.message : say("app.error.browser"));
  }

  tell(sentence) {
    this.words.hidden = sentence === "";
    write(this.words, sentence);
  }

  /** The panel as a file of a kind, from what it shows. */
  save(kind) {
    const fields = { panel: this.name, kind, ...this.asked };
    return this.prepared(this.asked, () => this.studio.request("explain_export", fields));
  }
}

/** A query's mask in dashes on the picture while something about it is pointed at. */
async function hintQuery(studio, query) {
  studio.setHint(query);
  if (query === null || studio.details.has(query)) return;
  await studio.detail(query).catch(() => null);
}

/** What makes a node stand for a query: pointing lights it, pressing chooses it. */
function pointsAt(studio, query) {
  return { pointerenter: () => hintQuery(studio, query), pointerleave: () => hintQuery(studio, null) };
}
