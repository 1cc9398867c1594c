// Changing the model: download it where it is not here yet, predict the picture again.

class ModelSwitch {
  constructor(studio, trigger, { source, leaving }) {
    this.studio = studio;
    this.models = new Models(studio, trigger);
    this.source = source;
    this.leaving = leaving;
    this.menu = new ModelMenu(studio, this.models, (row) => this.choose(row));
  }

  button(testid) {
    return createModelButton(this.studio, this.models, () => this.menu.show(), testid);
  }

  /** What the person chose in the menu. */
  async choose(row) {
    this.menu.foot.clear();
    if (row.name === this.models.current?.name) this.menu.node.close();
    else if (row.state !== "downloadable" || await this.fetched(row)) await this.use(this.models.row(row.name));
  }

  /** True if the model has come and the person still waits for it; who closed the menu is told, and goes on working. */
  async fetched(row) {
    try {
      if (!await this.models.fetch(row)) return false;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (this.menu.open) this.menu.foot.fail(refusal.message);
      else this.studio.notices.fail(refusal.message);
      return false;
    }
    if (!this.menu.open) this.studio.notices.tell(say("app.model.arrived", row));
    return this.menu.open;
  }

  async use(row) {
    if (!await this.leaving.allowed()) return;
    this.menu.node.close();
    if (this.studio.document) this.source.again(row);
    else this.source.prepare(row);
  }
}
