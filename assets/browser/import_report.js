// What annotation files say about the open picture, and what the person decides about it.

const OVERLAP_RULES = ["smaller", "first", "last", "score"];
const IMPORT_NOTES = ["empty", "boxes", "crowds", "unlisted_pixels"];

class ImportReport {
  constructor(studio, report) {
    this.studio = studio;
    this.report = report;
    this.rule = "smaller";
    this.choices = new Map(report.unknown.map((row) => [row.category_id, "add"]));
  }

  get summary() {
    const { source, kind, masks } = this.report;
    return say("app.import.summary", { source, kind, count: masks });
  }

  get nodes() {
    return [this.notes(), this.overlaps(), this.unknown(),
      make("p", { class: "import-note" }, say("app.import.replaces"))].filter(Boolean);
  }

  /** What the server is told. */
  rules() {
    const categories = [...this.choices].map(([id, choice]) => (
      choice.startsWith("to-") ? { category_id: id, choice: "map", to: Number(choice.slice(3)) }
        : { category_id: id, choice }));
    return { categories, ...(this.report.contested > 0 ? { overlaps: this.rule } : {}) };
  }

  notes() {
    const { report } = this;
    const lines = IMPORT_NOTES.filter((name) => report[name] > 0)
      .map((name) => say(`app.import.${name}`, { count: report[name] }));
    if (report.other_name) lines.unshift(say("app.import.other_name", { name: report.row_name }));
    if (lines.length === 0) return null;
    return make("ul", { class: "import-notes", "data-testid": "import-notes" },
      lines.map((line) => make("li", {}, line)));
  }

  overlaps() {
    const { report } = this;
    if (report.contested === 0) return null;
    const rules = OVERLAP_RULES.filter((rule) => rule !== "score" || report.scored);
    const name = uniqueId("overlap");
    const choices = rules.map((rule) => make("label", { class: "import-rule" },
      make("input", { type: "radio", name, value: rule, checked: rule === this.rule, "data-testid": `rule-${rule}`,
        on: { change: () => { this.rule = rule; } } }), say(`app.import.rule.${rule}`)));
    const pairs = say("app.import.pairs", { count: report.overlap_count });
    return make("fieldset", { class: "import-part", "data-testid": "import-overlaps" },
      make("legend", {}, say("app.import.overlaps", { pairs, pixels: whole(report.contested) })),
      this.pairs(), make("p", {}, say("app.import.who")), make("div", { class: "import-rules" }, choices));
  }

  /** The largest overlaps, folded. */
  pairs() {
    const { overlaps, overlap_count: count } = this.report;
    const rows = overlaps.map(({ names, numbers, pixels }) => make("li", {},
      `${names[0]} (${numbers[0]}) · ${names[1]} (${numbers[1]}) · ${whole(pixels)} px`));
    const rest = count - rows.length;
    const more = rest > 0 ? make("li", { class: "quiet" }, say("app.import.more", { count: rest })) : null;
    return make("details", { class: "import-pairs" }, make("summary", {}, say("app.import.which")),
      make("ul", {}, rows, more));
  }

  unknown() {
    const { unknown } = this.report;
    if (unknown.length === 0) return null;
    const rows = unknown.map((row) => make("tr", {},
      make("th", { scope: "row" }, row.name),
      make("td", { class: "quiet" }, say("app.import.masks", { count: row.masks })),
      make("td", {}, this.picker(row))));
    return make("fieldset", { class: "import-part", "data-testid": "import-unknown" },
      make("legend", {}, say("app.import.unknown", { count: unknown.length })),
      make("div", { class: "import-table" }, make("table", {}, make("tbody", {}, rows))));
  }

  picker(row) {
    const mine = [...this.studio.taxonomy].sort((a, b) => a.name.localeCompare(b.name, language.tag));
    const choices = [["add", say("app.import.add")], ["leave_out", say("app.import.leave_out")],
      ...mine.map((category) => [`to-${category.category_id}`, say("app.import.map", { name: category.name })])];
    return picker(say("app.import.becomes", { name: row.name }), choices,
      (choice) => this.choices.set(row.category_id, choice), { "data-testid": `unknown-${row.category_id}` });
  }
}
