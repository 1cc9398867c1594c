// Everything about the chosen segment: facts, its marks, another class, its shape, delete.

const SHORTLIST = 9; // keys 1 to 9
const PER_PIXEL_FACTS = ["area", "kind"];
const SEGMENT_MARKS = [ // the row's field, its icon, the key's action, and the edit that sets it
  { name: "locked", icon: "lock", action: "protect", set: (edits, id, on) => edits.lock(id, on) },
  { name: "reviewed", icon: "check", action: "confirm", set: (edits, id, on) => edits.review(id, on) },
];

/**
 * Categories that the segment's query thinks of, or the queries whose masks are most like it, most probable first:
 * [{category_id, probability}].
 */
function shortlistOf(studio, segmentId) {
  if (studio.perPixel) return []; // its map says one class, and nothing of others
  const query = studio.segments.get(segmentId)?.queries[0];
  const rows = studio.details.get(query)?.distribution ?? studio.shortlists.get(segmentId) ?? [];
  return rows.filter((row) => row.category_id !== null).slice(0, SHORTLIST);
}

/** Its parts stay in the page and are filled anew, so that an answer that comes late takes no focus and no words away. */
class SegmentInspector {
  constructor(studio, edits, toolbox, keymap, tourCard) {
    Object.assign(this, { studio, edits, keymap, tourCard });
    this.search = new CategorySearch(studio, (categoryId) => this.relabel(this.shown, categoryId));
    this.head = make("div", { class: "inspector-head" });
    this.facts = make("dl", { class: "facts" });
    this.marks = SEGMENT_MARKS.map((mark) => this.buildMark(mark));
    const marks = make("div", { class: "actions", role: "group", "aria-label": say("app.marks.title") }, this.marks);
    this.shortlist = make("div", { class: "shortlist", "data-testid": "shortlist" });
    const relabel = make("section", { class: "part", "aria-label": say("app.relabel.title") },
      make("h5", {}, say("app.relabel.title")), this.shortlist, this.search.node);
    const shape = make("section", { class: "part", "aria-label": say("app.shape.title") },
      make("h5", {}, say("app.shape.button")), new ShapeActions(toolbox, keymap, "segment").node);
    this.end = make("section", { class: "part", "aria-label": say("app.delete.title") });
    this.parts = [this.head, tourCard.node, this.facts, marks, this.buildAlike(toolbox), relabel, shape, this.end];
    this.shown = null;
  }

  render(segmentId) {
    const row = this.studio.segments.get(segmentId);
    if (segmentId !== this.shown) this.search.clear();
    this.shown = segmentId;
    this.head.replaceChildren(make("div", { class: "inspector-title" },
      make("h4", { "data-testid": "inspector-title" }, dot(cssColor(this.studio.segmentColor(segmentId))),
        className(this.studio, row)),
      make("p", { class: "quiet" }, this.originWords(row))));
    this.tourCard.render(segmentId);
    this.facts.replaceChildren(...this.renderFacts(row));
    this.followMarks();
    this.studio.askShortlist(row);
    this.shortlist.replaceChildren(...this.renderShortlist(segmentId, row));
    this.end.replaceChildren(...this.renderDelete(segmentId));
    return this.parts;
  }

  buildAlike(toolbox) {
    this.alikeKey = kbd("");
    return button({ class: "button alike", data: { testid: "alike" }, title: say("app.alike.title") },
      () => toolbox.tools.alike.find(), icon("alike"), make("span", {}, say("app.alike.button")), this.alikeKey);
  }

  buildMark({ name, icon: picture, set }) {
    const press = (on) => set(this.edits, this.shown, on).then(() => this.followMarks()); // a refusal takes it back
    const node = toggle(make("span", {}, say(`app.marks.${name}`)), false, press, { "data-testid": `mark-${name}`,
      title: say(`app.marks.${name}_title`) });
    node.classList.add("mark");
    node.prepend(icon(picture));
    node.append(kbd(""));
    return node;
  }

  followMarks() {
    const row = this.studio.segments.get(this.shown);
    write(this.alikeKey, chordWords(this.keymap.of("alike")));
    SEGMENT_MARKS.forEach(({ name, action }, i) => {
      this.marks[i].setAttribute("aria-pressed", String(row?.[name] === true));
      write(this.marks[i].lastChild, chordWords(this.keymap.of(action)));
    });
  }

  originWords(row) {
    const words = [say("app.inspector.segment", { id: row.segment_id }), say(`app.origin.${row.origin}`)];
    return joined(row.touched ? [...words, say("app.segments.touched")] : words, " · ");
  }

  renderFacts(row) {
    const { studio } = this;
    const share = row.area / (studio.document.height * studio.document.width);
    const chips = row.queries.map((query) => button({ class: "link", data: { testid: `segment-query-${query}` },
      title: say("app.inspector.query", { query }) }, () => studio.chooseQuery(query), String(query)));
    const known = (name) => !studio.perPixel || PER_PIXEL_FACTS.includes(name);
    const facts = [
      ["score", probability(row.score)],
      ["area", `${whole(row.area)} px · ${percentage(share)}`],
      ["query", make("span", { class: "links" }, chips.length > 0 ? chips : "–")],
      ["kind", say(studio.category(row.category_id).is_thing ? "app.segments.thing" : "app.segments.stuff")],
    ];
    return facts.filter(([key]) => known(key)).flatMap(([key, value]) => (
      [make("dt", {}, say(`app.segments.${key}`)), make("dd", { data: { testid: `fact-${key}` } }, value)]));
  }

  renderShortlist(segmentId, row) {
    return shortlistOf(this.studio, segmentId).map(({ category_id: id, probability: p }, i) => {
      const current = id === row.category_id;
      return button({ class: "shortlist-choice", disabled: current, "aria-current": current ? "true" : null,
        data: { testid: `relabel-${id}` } }, () => this.relabel(segmentId, id),
      kbd(String(i + 1)), dot(cssColor(this.studio.category(id).color)),
      make("span", { class: "choice-name" }, this.studio.category(id).name),
        make("span", { class: "quiet" }, probability(p)));
    });
  }

  renderDelete(segmentId) {
    const choice = (fill) => button(
      { class: "button danger", data: { testid: `delete-${fill}` },
        title: sayOf(this.studio, `app.delete.${fill}_title`) },
      () => this.edits.remove(segmentId, fill), sayOf(this.studio, `app.delete.${fill}`), kbd(chordWords(this.keymap.of(`delete_${fill}`))));
    return [make("h5", {}, say("app.delete.title")),
      make("div", { class: "actions" }, choice("next"), choice("void"))];
  }

  relabel(segmentId, categoryId) {
    if (this.studio.segments.get(segmentId)?.category_id !== categoryId) this.edits.relabel(segmentId, categoryId);
  }

  /** Key n of the shortlist. */
  press(n) {
    const choice = shortlistOf(this.studio, this.studio.choice.segment)[n - 1];
    if (choice) this.relabel(this.studio.choice.segment, choice.category_id);
  }
}
