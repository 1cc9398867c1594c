// The queries that claim the pixel under the cursor, by their claim: walked with Alt and the wheel or picked from a list.
//
// While the card is open the query walked to is the choice, so the stage outlines it and the inspector explains it.

class Claims {
  constructor(toolbox) {
    const { studio, stage, edits } = toolbox;
    Object.assign(this, { studio, stage, edits, rows: [], at: -1, asked: null, before: null });
    this.list = make("div", { class: "claims-list", role: "listbox", tabindex: "-1", "aria-label": say("app.claims.label"),
      data: { testid: "claims" }, on: { click: (event) => this.press(event) } });
    this.node = make("div", { class: "claims", hidden: true, on: { pointerdown: (event) => event.stopPropagation() } },
      make("p", { class: "claims-hint quiet" }, say("app.claims.hint")), this.list);
    stage.viewport.node.append(this.node);
    stage.viewport.node.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    studio.on("document", () => this.close());
  }

  get open() {
    return !this.node.hidden;
  }

  wheel(event) {
    const inside = this.node.contains(event.target);
    if (inside) event.stopPropagation();
    if (!event.altKey || !this.stage.viewport.view || inside) return;
    event.preventDefault();
    this.walk(this.stage.viewport.point(event), event.deltaY > 0 ? 1 : -1);
  }

  /** The first claim of a pixel, or from the one shown to the next or the one before. */
  async walk(point, direction) {
    if (this.asked === `${point.x} ${point.y}`) return void this.move(direction);
    if (!this.stage.viewport.view.contains(point)) return;
    await this.ask(point);
  }

  async ask(point) {
    const { studio } = this;
    const asked = `${point.x} ${point.y}`;
    this.asked = asked;
    const reply = await studio.during(() => studio.request("alternatives", { x: point.x, y: point.y }));
    if (!reply || asked !== this.asked) return;
    if (!this.open) this.before = { ...studio.choice };
    this.rows = reply.alternatives ?? reply.rows ?? [];
    this.at = -1;
    if (this.rows.length === 0) return void (this.close(), studio.notices.tell(say("app.claims.none")));
    this.show(point);
  }

  show(point) {
    this.list.replaceChildren(...this.rows.map((row, i) => this.buildRow(row, i)));
    this.node.hidden = false;
    this.stage.viewport.node.focus({ preventScroll: true }); // its keys walk and take
    const [x, y] = this.stage.viewport.view.toScreen(point.fx, point.fy);
    const { width, height } = this.stage.viewport.view.room;
    const left = x + 18 + this.node.offsetWidth > width ? x - 18 - this.node.offsetWidth : x + 18;
    this.node.style.left = `${clamp(left, 4, Math.max(4, width - this.node.offsetWidth - 4))}px`;
    this.node.style.top = `${clamp(y - 20, 4, Math.max(4, height - this.node.offsetHeight - 4))}px`;
    this.move(1);
  }

  buildRow({ query, category_id: id, score, probability: p }, i) {
    const category = this.studio.category(id);
    const tile = make("span", { class: "claim-tile", "aria-hidden": "true" });
    if (this.studio.queries) showTile(tile, this.studio.queries, this.studio.sprite, query);
    const words = say("app.claims.row", { score: probability(score), p: probability(p) });
    return make("div", { class: "claim", role: "option", "aria-selected": "false", id: `${CLAIMS_STEM}-${i}`,
      data: { query, testid: `claim-${query}` } },
    tile, make("span", { class: "claim-words" }, make("span", { class: "claim-name" }, dot(cssColor(category.color)),
      category.name), make("span", { class: "quiet" }, words)));
  }

  move(step) {
    if (!this.open) return;
    this.at = (this.at + step + this.rows.length) % this.rows.length;
    [...this.list.children].forEach((node, i) => node.setAttribute("aria-selected", String(i === this.at)));
    this.list.setAttribute("aria-activedescendant", `${CLAIMS_STEM}-${this.at}`);
    keepInSight(this.list, this.list.children[this.at]);
    this.studio.chooseQuery(this.rows[this.at].query);
  }

  press(event) {
    const row = event.target.closest(".claim");
    if (!row) return;
    this.at = [...this.list.children].indexOf(row);
    this.take();
  }

  /** Makes the query walked to a segment; one that already is gets chosen. */
  take() {
    const { query } = this.rows[this.at];
    this.before = null;
    this.close();
    const segmentId = this.studio.fates.get(query)?.segment_id ?? null;
    if (segmentId !== null) this.studio.chooseSegment(segmentId);
    else this.edits.promote(query, true);
  }

  /** Goes back to what was chosen before. */
  close() {
    const { open, before, studio } = this;
    this.node.hidden = true;
    this.asked = null;
    if (!open || !before) return;
    this.before = null;
    if (before.kind !== "segment" || studio.segments.has(before.segment)) studio.choose(before);
  }

  key({ key }) {
    if (!this.open) return false;
    const acts = { ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1), Enter: () => this.take(),
      " ": () => this.take(), Escape: () => this.close() };
    acts[key]?.();
    return key in acts;
  }
}

const CLAIMS_STEM = uniqueId("claim");

/** A click asks for the claims of the pixel. */
class Pick {
  constructor(claims) {
    Object.assign(this, { claims, name: "pick", cursor: "help" });
  }

  down() {}

  move() {}

  up(point) {
    if (this.claims.stage.viewport.view.contains(point)) this.claims.ask(point);
  }

  cancel() {}

  hover() {}

  draw() {}
}
