// One archive of all pictures: begun, watched, fetched piece by piece and saved; what was renumbered is told.

const EXPORT_PAUSE = 250; // milliseconds between two questions about the progress

class AlbumExport {
  constructor(studio) {
    this.studio = studio;
    this.running = false;
    this.button = button({ class: "button", data: { testid: "export-all" }, title: say("app.album.export_title") },
      () => this.begin(), icon("export"), make("span", {}, say("app.album.export")));
    this.words = make("span", { class: "album-progress-words", "data-testid": "export-progress" });
    this.fill = make("span", { class: "download-fill" });
    this.cancel = button({ class: "button", data: { testid: "export-cancel" } }, () => this.stop(),
      say("app.album.stop"));
    this.bar = make("span", { class: "download-bar", role: "progressbar", "aria-label": say("app.album.export"),
      "aria-valuemin": "0", "aria-valuemax": "100" }, this.fill);
    this.notes = make("ul", { class: "album-notes", hidden: true, "data-testid": "export-notes" });
    this.progress = make("div", { class: "album-progress", hidden: true }, this.words, this.bar, this.cancel);
    this.node = make("div", { class: "album-export", role: "status" }, this.progress, this.notes);
  }

  async begin() {
    if (this.running) return;
    this.running = true;
    this.notes.hidden = true;
    this.button.disabled = true;
    try {
      await this.run();
    } catch (failure) {
      if (!(failure instanceof Refusal)) reportError(failure);
      this.studio.notices.fail(failure instanceof Refusal ? failure.message : say("app.error.browser"));
    }
    this.running = false;
    this.progress.hidden = true;
    this.button.disabled = false;
  }

  async run() {
    const { studio } = this;
    let reply = await studio.ask("export_all");
    while (this.running && reply.stage === "running") {
      this.follow(reply);
      await new Promise((resolve) => { setTimeout(resolve, EXPORT_PAUSE); });
      reply = await studio.ask("exporting");
    }
    if (!this.running || reply.stage === "none") return;
    if (reply.stage !== "done") throw new Refusal(reply.sentence);
    this.follow(reply);
    const archive = await this.fetch(reply.size);
    if (!this.running) return;
    saveBlob(reply.file_name, archive);
    await studio.ask("leave_export");
    this.tell(reply);
  }

  /** The archive's pieces; the browser may keep them on its disk. */
  async fetch(size) {
    const pieces = [];
    for (let offset = 0; this.running && offset < size;) {
      const { piece } = await this.studio.ask("exported", { offset });
      const bytes = bytesOf(piece);
      if (bytes.length === 0) throw new Refusal(say("app.error.reply"));
      pieces.push(new Blob([bytes]));
      offset += bytes.length;
    }
    return new Blob(pieces, { type: "application/zip" });
  }

  follow({ done, total }) {
    this.progress.hidden = false;
    write(this.words, say("app.album.exporting", { done: whole(done), total: whole(total) }));
    this.fill.style.setProperty("--share", String(total ? done / total : 0));
    this.bar.setAttribute("aria-valuenow", String(Math.round(100 * (total ? done / total : 0))));
  }

  tell({ total, notes }) {
    this.notes.replaceChildren(...notes.map((note) => make("li", {}, note)));
    this.notes.hidden = notes.length === 0;
    this.studio.notices.tell(say("app.album.exported", { count: total }));
  }

  async stop() {
    this.running = false;
    await this.studio.ask("leave_export").catch(() => null);
  }
}

function saveBlob(name, blob) {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
