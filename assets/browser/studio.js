// What is open: the document, its state, the choice and the view. Parts listen; nobody else keeps copies.
//
// Events: "document" a picture opened · "state" a new version (with newsOf(reply) where only that changed) ·
// "pixels" labels in a box changed (with the box) · "queries" the grid's rows came · "details" one query's details
// came · "choice" · "hover" · "view" · "display" opacity, outlines, names · "busy".

class Studio {
  constructor(ask, notices) {
    this.ask = ask;
    this.notices = notices;
    this.listeners = new Map();
    this.document = null; // {id, name, height, width, picture, model}
    this.state = null;
    this.labelMap = null;
    this.localPaint = new LocalPaint();
    this.queries = null; // {columns, aspect, sprite, rows}
    this.choice = { kind: null, query: null, segment: null };
    this.hover = null; // segment id
    this.hint = null; // the query whose mask is shown under the cursor
    this.hintPart = null; // its details with a part of the mask, where not all of it is shown
    this.ghosts = []; // shapes that are shown and are not in the document
    this.shortlists = new Map(); // classes of segments without queries, [{category_id, probability}] by id
    this.view = "panoptic";
    this.display = { opacity: 0.55, outlines: true, names: true, heat: true, alone: false, brightness: 1, contrast: 1 };
    this.jobs = 0;
    this.openings = 0;
  }

  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  emit(event, news) {
    for (const listener of this.listeners.get(event) ?? []) listener(news);
  }

  /** Runs work under the busy sign; a refusal becomes a notice and answers undefined. */
  async during(work) {
    this.jobs += 1;
    this.emit("busy");
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Refusal)) reportError(error);
      this.notices.fail(error instanceof Refusal ? error.message : say("app.error.browser"));
      return undefined;
    } finally {
      this.jobs -= 1;
      this.emit("busy");
    }
  }

  /** ask() about the open document. */
  request(name, fields = {}, file = null) {
    return this.ask(name, { ...fields, document: this.document.id }, file);
  }

  /** Shows a document, if it is still wanted once it has come: first the picture and its result, then the queries. */
  async open(id, isWanted = () => true) {
    const opening = (this.openings += 1);
    const reply = await this.ask("open", { document: id });
    const address = blobAddress(reply.picture);
    const picture = make("img", { src: address, alt: "", draggable: "false" });
    const [labels] = await Promise.all([this.read(reply.state, reply), picture.decode().catch(() => null)]);
    if (opening !== this.openings || !isWanted()) return;
    if (this.document) URL.revokeObjectURL(this.document.picture.src);
    this.adoptTaxonomy(reply.taxonomy);
    this.localPaint = new LocalPaint();
    const { name, height, width, model } = reply;
    this.document = { id, name, height, width, model, picture };
    this.details = new Map();
    this.extras = new Map();
    this.queries = null;
    this.choice = { kind: null, query: null, segment: null };
    this.shortlists = new Map();
    Object.assign(this, { hint: null, hintPart: null, ghosts: [] });
    this.adopt(reply.state, labels, false);
    this.emit("document");
    this.emit("state");
    await this.loadQueries(opening);
  }

  /** The newest state of the open document, after ours turned out to be stale. */
  async reload() {
    const reply = await this.request("open");
    this.adopt(reply.state, await this.read(reply.state, this.document));
  }

  async read(state, { height, width }) {
    const labels = await inflateLabels(state.labels, height * width);
    return new LabelMap(height, width, labels instanceof Uint16Array ? labels : Uint16Array.from(labels));
  }

  async receive(state) {
    const opening = this.openings;
    const labels = await this.read(state, this.document);
    if (opening === this.openings) this.adopt(state, labels);
  }

  /** Lets an edit's reply in; strokes painted ahead of it under `key` give way. What does not fit makes us reload. */
  async applyDelta(reply, key = null) {
    if (await applyDelta(this, reply, key)) return;
    this.localPaint.drop(key);
    await this.reload();
  }

  /** Shows labels of a box ahead of the server; they stay until a reply, or a refusal, settles their key. */
  paintLocally(box, labels, key) {
    this.localPaint.add(this.labelMap, key, box, labels);
    this.emit("pixels", box);
  }

  /** Takes back what was painted ahead under a key: the server refused it. */
  unpaint(key) {
    for (const box of patchLabels(this, null, null, key)) this.emit("pixels", box);
  }

  adoptTaxonomy(rows) {
    this.taxonomy = rows;
    this.categories = new Map(rows.map((row) => [row.category_id, row]));
  }

  adopt(state, labelMap, announce = true) {
    this.state = state;
    this.labelMap = labelMap;
    this.localPaint.lay(labelMap);
    this.segments = new Map(state.segments.map((row) => [row.segment_id, row]));
    this.fates = new Map(state.fates.map((row) => [row.query, row]));
    this.colors = new Map(state.segments.map((row) => [row.segment_id, row.color]));
    if (announce) this.announce();
  }

  /** Tells of a new version, after what is pointed at and chosen has been held against it. */
  announce(news) {
    if (!this.segments.has(this.hover)) this.hover = null;
    const { kind, query, segment } = this.choice;
    const gone = kind === "segment" && !this.segments.has(segment);
    if (gone) this.choice = { kind: null, query: null, segment: null };
    else if (kind === "query") this.choice.segment = this.fates.get(query)?.segment_id ?? null;
    this.emit("state", news);
    if (gone) this.emit("choice");
  }

  async loadQueries(opening) {
    const reply = await this.request("queries");
    if (opening !== this.openings) return;
    if (this.sprite) URL.revokeObjectURL(this.sprite);
    this.sprite = blobAddress(reply.sprite);
    const lines = Math.ceil(reply.rows.length / reply.columns);
    this.queries = { ...reply, lines, rowOf: new Map(reply.rows.map((row) => [row.query, row])) };
    this.emit("queries");
  }

  /** One query's distribution, neighbours and heat, asked once a document. */
  async detail(query) {
    if (this.details.has(query)) return this.details.get(query);
    const { details } = this;
    const reply = await this.request("query", { query });
    reply.heatGrid = new Uint8Array(await inflate(reply.heat));
    details.set(query, reply);
    if (details === this.details) this.emit("details");
    return reply;
  }

  /** The classes that a segment may have whose row names no query; asked once, and not before the server knows it. */
  async askShortlist({ segment_id: id, queries, source }) {
    const { shortlists } = this;
    if (queries.length > 0 || source === undefined || shortlists.has(id) || this.perPixel) return;
    shortlists.set(id, []);
    const reply = await this.request("shortlist", { segment_id: id }).catch(() => null);
    if (!reply || shortlists !== this.shortlists) return;
    shortlists.set(id, reply.shortlist);
    this.emit("details");
  }

  /** Something of the whole document that no edit changes ("semantic", "instances"), asked once. */
  extra(name) {
    if (!this.extras.has(name)) {
      const coming = this.request(name);
      coming.catch(() => this.extras.delete(name));
      this.extras.set(name, coming);
    }
    return this.extras.get(name);
  }

  /** True if the model classifies every pixel by itself: then what is called a query here is one class's map. */
  get perPixel() {
    return this.document?.model.per_pixel === true;
  }

  /** How many queries, the first ones, begin at places of the picture. */
  get seeds() {
    return this.document?.model.seeds ?? 0;
  }

  chooseQuery(query) {
    this.choose({ kind: "query", query, segment: this.fates.get(query)?.segment_id ?? null });
    if (!this.details.has(query)) this.during(() => this.detail(query));
  }

  chooseSegment(segmentId) {
    const query = this.segments.get(segmentId).queries[0] ?? null;
    this.choose({ kind: "segment", query, segment: segmentId });
    if (query !== null && !this.details.has(query)) this.during(() => this.detail(query));
  }

  choose({ kind, query = null, segment = null }) {
    this.choice = { kind, query, segment };
    this.emit("choice");
  }

  setHover(segmentId) {
    if (segmentId === this.hover) return;
    this.hover = segmentId;
    this.emit("hover");
  }

  setHint(query, part = null) {
    if (query === this.hint && part === this.hintPart) return;
    Object.assign(this, { hint: query, hintPart: part });
    this.emit("hover");
  }

  setGhosts(ghosts) {
    if (ghosts.length === 0 && this.ghosts.length === 0) return;
    this.ghosts = ghosts;
    this.emit("hover");
  }

  setView(view) {
    this.view = view;
    this.emit("view");
  }

  setDisplay(change) {
    Object.assign(this.display, change);
    this.emit("display");
  }

  category(id) {
    return this.categories.get(id) ?? { category_id: id, name: String(id), is_thing: true, color: [128, 128, 128] };
  }

  className(index) {
    return this.taxonomy[index]?.name ?? String(index);
  }

  segmentColor(segmentId) {
    return this.colors.get(segmentId) ?? [128, 128, 128];
  }
}
