// Annotations from elsewhere: files are chosen, the server says what is odd about them, the person decides.

const ANNOTATION_TYPES = ".json,.zip,.png,application/json,application/zip,image/png";

/** Whether a dropped file can only be annotations: a PNG may as well be a picture. */
function isAnnotationFile(file) {
  return /\.(json|zip)$/i.test(file.name);
}

class ImportDialog {
  constructor(studio, edits, source) {
    this.studio = studio;
    this.edits = edits;
    this.source = source;
    this.files = [];
    this.names = new Map(); // where the names of a field's files stand, by field
    this.awaited = null; // {name, files}: the picture that the files belong to is still being opened
    this.build();
    studio.on("document", () => this.arrived());
  }

  build() {
    this.picture = this.buildField("picture", { accept: PICTURE_TYPES }, () => this.follow());
    this.annotations = this.buildField("annotations", { accept: ANNOTATION_TYPES, multiple: true },
      () => this.choose([...this.annotations.files]));
    this.pictureField = this.labelled("app.import.picture", this.picture);
    this.words = make("p", { class: "import-words", role: "status", "data-testid": "import-words" });
    this.report = make("div", { class: "import-report" });
    this.act = button({ class: "button primary", data: { testid: "import-act" } }, () => this.go(),
      say("app.import.act"));
    const cancel = button({ class: "button", data: { testid: "import-cancel" } }, () => this.node.close(),
      say("app.import.cancel"));
    this.node = make("dialog", { class: "dialog import", "aria-label": say("app.import.title"),
      data: { testid: "import" }, on: { close: () => this.clear() } },
    make("div", { class: "dialog-body" },
      make("header", { class: "dialog-head" }, make("h3", {}, say("app.import.title")),
        iconButton("close", say("app.close"), () => this.node.close())),
      make("p", { class: "quiet" }, say("app.import.kinds")), this.pictureField,
      this.labelled("app.import.files", this.annotations), this.words, this.report,
      make("div", { class: "leaving-choices" }, cancel, this.act)));
  }

  buildField(name, more, change) {
    return make("input", { type: "file", class: "file-input", "data-testid": `import-${name}`, ...more,
      on: { change } });
  }

  /** The browser's own words beside a file field are in the browser's language: ours lie over it. */
  labelled(key, field) {
    const names = make("span", { class: "import-names quiet" });
    this.names.set(field, names);
    return make("label", { class: "import-field" }, make("span", {}, say(key)), make("span", { class: "import-file" },
      field, make("span", { class: "button" }, say("app.import.choose")), names));
  }

  nameFiles() {
    for (const [field, names] of this.names) {
      const files = [...field.files].map((file) => file.name);
      write(names, files.length > 0 ? files.join(", ") : say("app.import.no_file"));
    }
  }

  /** Asks for the files; `withPicture`: also for the picture that they belong to. */
  show(withPicture = this.studio.document === null) {
    this.withPicture = withPicture;
    this.pictureField.hidden = !withPicture;
    this.follow();
    if (!this.node.open) this.node.showModal();
  }

  /** Dropped files: annotations for the open picture, or a picture and its annotations together. */
  take(files) {
    const pictures = files.filter((file) => /^image\//.test(file.type) && file.type !== "image/png");
    const [picture] = pictures;
    this.show(picture !== undefined || this.studio.document === null);
    if (picture) this.picture.files = listOf([picture]);
    this.choose(files.filter((file) => !pictures.includes(file)));
  }

  choose(files) {
    this.files = files;
    this.annotations.files = listOf(files);
    this.report.replaceChildren();
    this.decisions = null;
    this.follow();
    if (!this.withPicture && files.length > 0) this.begin();
  }

  /** What the button would do now. */
  follow() {
    const ready = this.withPicture ? this.picture.files.length > 0 && this.files.length > 0 : this.decisions !== null;
    this.act.disabled = !ready;
    this.nameFiles();
    write(this.act, say(this.withPicture ? "app.import.open" : "app.import.act"));
  }

  go() {
    if (!this.withPicture) return this.bring();
    const [picture] = this.picture.files;
    this.awaited = { name: picture.name, files: this.files };
    this.node.close();
    return this.source.offer(picture);
  }

  /** A picture opened; if it is the one that the files belong to, they are read now. */
  arrived() {
    const { awaited } = this;
    this.awaited = null;
    if (awaited?.name !== this.studio.document.name) return;
    this.show(false);
    this.choose(awaited.files);
  }

  /** Has the server read the files; nothing changes yet. */
  async begin() {
    write(this.words, say("app.import.reading"));
    const { files } = this;
    const report = await this.ask().catch((failure) => failure);
    if (files !== this.files) return;
    if (report instanceof Error) return this.refuse(report);
    this.decisions = new ImportReport(this.studio, report);
    write(this.words, this.decisions.summary);
    this.report.replaceChildren(...this.decisions.nodes);
    this.follow();
    this.act.focus();
  }

  refuse(failure) {
    if (!(failure instanceof Refusal)) reportError(failure);
    write(this.words, failure instanceof Refusal ? failure.message : say("app.error.browser"));
    this.words.dataset.kind = "error";
  }

  ask() {
    delete this.words.dataset.kind;
    const { fields, file } = this.parcel();
    return this.studio.ask("import", { ...fields, document: this.studio.document.id }, file);
  }

  /** All files behind each other, and how long each is. */
  parcel() {
    const files = this.files.map((file) => ({ name: file.webkitRelativePath || file.name, size: file.size }));
    return { fields: { files }, file: new Blob(this.files) };
  }

  async bring() {
    const { fields, file } = this.parcel();
    const rules = this.decisions.rules();
    this.node.close();
    this.studio.choose({ kind: null });
    await this.edits.post({ name: "import", fields: { ...fields, rules }, file });
  }

  clear() {
    this.files = [];
    this.decisions = null;
    this.picture.value = "";
    this.annotations.value = "";
    write(this.words, "");
    this.report.replaceChildren();
  }
}

function listOf(files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  return transfer.files;
}
