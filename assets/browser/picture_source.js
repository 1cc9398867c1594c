// Where pictures come from: drop, paste, file chooser, samples, the open one again. All end in the event "picture".

const PICTURE_TYPES = "image/png,image/jpeg,image/webp,image/bmp,image/tiff,image/gif,.tif,.tiff";
const OPENING_SECONDS = 600;

class PictureSource {
  constructor(studio, trigger, leaving) {
    this.studio = studio;
    this.trigger = trigger;
    this.leaving = leaving;
    this.models = null; // set by whoever assembles the page: which model is asked
    this.waiting = null;
    this.ticket = null; // of the answer that is waited for
    this.changed = () => {};
    this.annotated = () => {}; // called with dropped files among which are annotations
    this.album = new Album(studio, (row) => this.stored(row));
    this.node = make("div", { class: "source" }, this.album.node, this.buildDropZone(), this.buildSamples());
  }

  get opening() {
    return this.waiting !== null;
  }

  async offer(file) {
    if (!await this.leaving.allowed()) return;
    this.wait(say("app.opening.sending"));
    const reply = await this.studio.during(() => this.studio.ask("offer", { file_name: file.name ?? "" }, file));
    if (!reply) this.stop();
    else this.begin({ pending: reply.pending });
  }

  /** A picture of the album: it opens as it was left, whatever model is chosen now. */
  async stored(row) {
    if (!await this.leaving.allowed()) return;
    this.wait(say("app.opening.stored", { name: row.name }));
    this.send({ stored: row.picture }, this.models.current);
  }

  /** With the model that suits it, where the one in use is there for other samples. */
  async sample(name) {
    if (!await this.leaving.allowed()) return;
    const { current } = this.models;
    const { model } = SAMPLES.find((row) => row.name === name);
    const suits = !SAMPLES.some((row) => row.model === current?.name);
    this.begin({ sample: name }, suits ? current : { name: model });
  }

  /** The same with the queries of any model that has some; resolves to the document, or null where it is not to be. */
  async introduce(name) {
    if (!await this.leaving.allowed()) return null;
    const { current } = this.models;
    const own = { name: SAMPLES.find((row) => row.name === name).model };
    return this.begin({ sample: name }, current?.per_pixel ? own : current);
  }

  /** The open picture with another model; it stays on screen, as it is, until the new result has come. */
  again(model) {
    this.wait(say("app.opening.again", { title: modelWords(model, "title") }));
    this.send({ document: this.studio.document.id }, model);
  }

  /** No picture yet: the next one is asked of this model. */
  prepare(model) {
    this.models.adopt(model);
    this.send({}, model);
  }

  begin(data, model = this.models.current) {
    this.wait(say("app.opening.working"));
    return this.send(data, model);
  }

  /** Resolves to the id of the document once all of it is there; to null where it does not come, or nobody waits for it. */
  send(data, model) {
    this.settle(null);
    this.ticket = uniqueId("ticket");
    const settled = new Promise((resolve) => { this.settle = resolve; });
    this.trigger("picture", { ...data, model: model?.name ?? "", ticket: this.ticket, language: language.code });
    return settled;
  }

  settle() {}

  /** The component's value changed: a document to open, or why there is none. Who went back wants neither. */
  async answered(value) {
    if (!value || value.ticket !== this.ticket) return;
    if (value.error) {
      this.stop();
      return void this.studio.notices.fail(value.error);
    }
    if (value.document && value.document !== this.studio.document?.id) {
      this.wait(say("app.opening.loading"));
      await this.studio.during(() => this.studio.open(value.document, () => value.ticket === this.ticket));
    }
    if (value.document && value.document === this.studio.document?.id) this.settle(value.document);
    this.stop();
  }

  wait(sentence) {
    this.node.closest("dialog")?.close();
    clearTimeout(this.timer);
    this.waiting = sentence;
    this.timer = setTimeout(() => this.giveUp(), OPENING_SECONDS * 1000);
    this.changed();
  }

  giveUp() {
    this.stop();
    this.studio.notices.fail(say("app.error.slow"));
  }

  stop() {
    clearTimeout(this.timer);
    this.waiting = null;
    this.ticket = null;
    this.settle(null);
    this.changed();
  }

  buildDropZone() {
    const input = make("input", { type: "file", accept: PICTURE_TYPES, class: "file-input", "data-testid": "file-input",
      "aria-label": say("app.source.drop"), on: { change: () => {
        const [file] = input.files;
        input.value = "";
        if (file) this.offer(file);
      } } });
    return make("label", { class: "drop-zone", data: { testid: "drop-zone" } }, input,
      make("span", { class: "drop-icon" }, icon("upload")),
      make("span", { class: "drop-title" }, say("app.source.drop")),
      make("span", { class: "quiet" }, say("app.source.types")));
  }

  buildSamples() {
    if (SAMPLES.length === 0) return null;
    const cards = SAMPLES.map((sample) => {
      const credit = sayAs(`app.sample.${sample.name}.credit`, sample.credit);
      return button({ class: "sample", title: credit, data: { testid: `sample-${sample.name}` } },
        () => this.sample(sample.name),
        make("img", { src: sample.thumbnail, alt: "" }),
        make("span", { class: "sample-title" }, sayOr(`app.sample.${sample.name}`, sample.name)),
        make("span", { class: "sample-credit" }, credit));
    });
    return make("section", { class: "samples", "aria-label": say("app.source.samples") },
      make("h3", { class: "samples-title" }, say("app.source.samples")), make("div", { class: "sample-row" }, cards));
  }

  /** Dropping anywhere on the workbench, and pasting while no text field has the focus. */
  listen(root) {
    root.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      root.dataset.dragging = "";
    });
    root.addEventListener("dragleave", (event) => {
      if (!root.contains(event.relatedTarget)) delete root.dataset.dragging;
    });
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      delete root.dataset.dragging;
      this.take(event.dataTransfer.files);
    });
    const paste = (event) => {
      if (!root.isConnected) document.removeEventListener("paste", paste);
      else if (event.clipboardData?.files.length && !isTextField(event.target)) this.take(event.clipboardData.files);
    };
    document.addEventListener("paste", paste);
  }

  take(files) {
    if ([...files].some(isAnnotationFile)) this.annotated([...files]);
    else if (files.length > 0) this.offer(files[0]);
    else this.studio.notices.fail(say("app.error.no_file"));
  }
}
