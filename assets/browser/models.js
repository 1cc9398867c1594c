// Which models there are, which one is in use, and the download that is on its way. Event of the studio: "models".

const POLL_MILLISECONDS = 400;
const MOST_LOST_POLLS = 8;

class Models {
  constructor(studio, trigger) {
    this.studio = studio;
    this.trigger = trigger;
    this.rows = MODEL ? [MODEL] : [];
    this.current = MODEL; // the row of the model in use, or of the one for the first picture
    this.downloads = false; // whether the server lets visitors download
    this.download = null; // {row, arrived, size}
    studio.on("document", () => this.adopt(studio.document.model));
  }

  get long() {
    return this.rows.length > 8;
  }

  row(name) {
    return this.rows.find((row) => row.name === name) ?? null;
  }

  async refresh() {
    const reply = await this.studio.ask("models");
    this.rows = reply.rows;
    this.downloads = reply.downloads;
    this.studio.emit("models");
  }

  adopt(model) {
    this.current = { ...(this.row(model.name) ?? { data: model.domain, ...model }), per_pixel: model.per_pixel };
    this.trigger("card", { model: model.name, language: language.code });
    this.studio.emit("models");
  }

  /** Downloads a model: true once it is here, false if the person gave up; a failure is thrown as its sentence. */
  async fetch(row) {
    this.watch({ row, arrived: 0, size: 0 });
    const { download } = this;
    try {
      let reply = await this.studio.ask("fetch", { model: row.name });
      while (this.download === download && reply.stage === "running") {
        this.watch(Object.assign(download, { arrived: reply.arrived, size: reply.size }));
        await new Promise((resolve) => { setTimeout(resolve, POLL_MILLISECONDS); });
        reply = await this.poll(row.name);
      }
      if (this.download !== download || reply.stage === "stopped") return false;
      if (reply.stage !== "done") throw new Refusal(reply.sentence ?? say("app.error.unreachable"));
      await this.refresh();
      return true;
    } finally {
      if (this.download === download) this.watch(null);
    }
  }

  /** One look at the download; a few lost answers are no failure, because the server goes on by itself. */
  async poll(model) {
    for (let lost = 0; ; lost += 1) {
      try {
        return await this.studio.ask("fetching", { model });
      } catch (refusal) {
        if (lost === MOST_LOST_POLLS) throw refusal;
        await new Promise((resolve) => { setTimeout(resolve, POLL_MILLISECONDS * 2 ** Math.min(lost, 4)); });
      }
    }
  }

  /** Gives the download up; what has arrived stays with the server for the next time. */
  giveUp() {
    const { row } = this.download;
    this.watch(null);
    this.studio.during(() => this.studio.ask("leave", { model: row.name }));
  }

  watch(download) {
    this.download = download;
    this.studio.emit("models");
  }

  /** 0 to 1, or null while the size is unknown. */
  get share() {
    const { arrived = 0, size = 0 } = this.download ?? {};
    return size > 0 ? Math.min(1, arrived / size) : null;
  }
}
