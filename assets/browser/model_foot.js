// The foot of the model menu: the download that runs, with a way to give it up, or why there is none.

class ModelFoot {
  constructor(models, gaveUp) {
    this.models = models;
    this.name = make("span", { class: "download-name" });
    this.amount = make("span", { class: "quiet download-amount" });
    this.fill = make("span", { class: "download-fill" });
    this.bar = make("div", { class: "download-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100,
      "data-testid": "download" }, this.fill);
    const cancel = button({ class: "button", data: { testid: "download-cancel" } }, () => {
      models.giveUp();
      gaveUp(); // the button goes, and the focus would go with it
    }, say("app.model.cancel"));
    this.running = make("div", { class: "download" },
      make("div", { class: "download-line" }, this.name, this.amount), this.bar, cancel);
    this.words = make("p", { class: "model-note", role: "status", "data-testid": "model-note" });
    this.node = make("div", { class: "model-foot" }, this.running, this.words);
    this.clear();
    this.follow();
  }

  fail(sentence) {
    this.tell("error", sentence);
  }

  /** How to come by a model that no hub holds. */
  explain({ title, url }) {
    const words = String(say("app.model.by_hand", { title })).split("`");
    this.tell("note", ...words.map((part, i) => (i % 2 === 1 ? make("code", {}, part) : part)), " ",
      awayLink(url, say("app.model.file_page")));
  }

  /** Nothing to tell but where the figures are from. */
  clear() {
    const { source } = this.models.rows.find((row) => row.source) ?? {};
    if (source) this.tell("quiet", say("app.model.figures"), " ", awayLink(source, say("app.model.figures_page")), ".");
    else this.tell("none");
  }

  tell(kind, ...words) {
    this.words.replaceChildren(...words);
    this.words.hidden = words.length === 0;
    this.words.dataset.kind = kind;
  }

  follow() {
    const { download, share } = this.models;
    if (this.words.dataset.kind === "none") this.clear(); // rows with a source may have come
    this.running.hidden = !download;
    if (!download) return;
    const words = say("app.model.downloading", download.row);
    write(this.name, words);
    write(this.amount, share === null ? say("app.model.connecting")
      : say("app.model.amount", { arrived: megabytes(download.arrived), size: megabytes(download.size) }));
    setWords(this.bar, "aria-label", words);
    this.bar.toggleAttribute("data-unknown", share === null);
    if (share === null) this.bar.removeAttribute("aria-valuenow");
    else this.bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
    this.fill.style.setProperty("--share", String(share ?? 0));
  }
}

function awayLink(href, words) {
  return make("a", { class: "link", href, target: "_blank", rel: "noopener noreferrer" }, words);
}

function megabytes(bytes) {
  return whole(Math.round(bytes / 1e6));
}
