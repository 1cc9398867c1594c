// The introduction: a guided tour of the page over a sample picture, offered once to who is new to this browser.

const INTRODUCTION_PLACE = "maskformer-studio.introduction";

class Introduction {
  /** @param workbench the parts that the steps point at */
  constructor(workbench) {
    Object.assign(this, { workbench, studio: workbench.studio, at: null });
    this.card = new IntroductionCard({ step: (by) => this.step(by), end: () => this.end() });
    this.offer = this.buildOffer();
  }

  /** A card on the start screen: it covers nothing and waits for nobody. */
  buildOffer() {
    const take = button({ class: "button primary", data: { testid: "introduction-take" } }, () => this.start(take),
      say("app.introduction.take"));
    const refuse = button({ class: "button", data: { testid: "introduction-refuse" } }, () => this.refuse(),
      say("app.introduction.refuse"));
    return make("section", { class: "introduction-offer", hidden: !offeredNow(), "aria-label": say("app.introduction.open"),
      data: { testid: "introduction-offer" } }, icon("introduction"),
    make("div", {}, make("h3", {}, say("app.introduction.offer")), make("p", { class: "quiet" }, say("app.introduction.about"))),
    make("div", { class: "introduction-answers" }, refuse, take));
  }

  refuse() {
    this.offer.hidden = true;
    this.studio.notices.tell(say("app.introduction.later"));
  }

  /** Opens the first sample; the steps begin once all of it is there. @param opener what gets the focus back */
  async start(opener) {
    const { studio, workbench: { source, explain, toolbox, stage } } = this;
    this.opener = opener;
    this.offer.hidden = true;
    const isOpen = this.document !== undefined && studio.document?.id === this.document;
    const document = isOpen ? this.document : await source.introduce(SAMPLES[0].name);
    if (document === null) return;
    this.document = document;
    const facts = await studio.during(() => studio.request("embeddings"));
    if (!facts || studio.document.id !== document || this.at !== null) return;
    if (this.facts) URL.revokeObjectURL(this.facts.address);
    this.facts = { ...facts, address: blobAddress(facts.picture, "image/webp") };
    this.display = { ...studio.display };
    explain.close();
    toolbox.take("select");
    stage.viewport.fit();
    this.show(0);
  }

  step(by) {
    const at = this.at + by;
    if (at >= INTRODUCTION_STEPS.length) this.end();
    else if (at >= 0) this.show(at);
  }

  show(at) {
    this.at = at;
    const { studio, workbench, facts } = this;
    const { name, places, values, scene } = INTRODUCTION_STEPS[at];
    this.set(scene);
    const picture = name === "embeddings" ? { address: facts.address, words: say("app.introduction.picture") } : null;
    const said = values(studio, facts, workbench);
    this.card.show({ at, all: INTRODUCTION_STEPS.length, title: say(`app.introduction.${name}`, said),
      words: say(`app.introduction.${name}_words`, said), places: places(workbench), picture });
  }

  set({ bare = false, view = "panoptic", tab = null, query = null }) {
    const { studio, workbench, display } = this;
    studio.setDisplay(bare ? { opacity: 0, outlines: false, names: false } : display);
    if (query) studio.chooseQuery(query(studio));
    else if (studio.choice.kind !== null) studio.choose({ kind: null });
    if (studio.view !== view) studio.setView(view);
    if (tab) workbench.showTab(tab);
  }

  end() {
    if (this.at === null) return;
    this.at = null;
    this.set({});
    this.workbench.showTab("queries");
    this.card.close();
    const { opener, workbench: { stage } } = this;
    (opener.checkVisibility() ? opener : stage.viewport.node).focus({ preventScroll: true });
  }
}

/** True on the first visit; a browser that keeps nothing is not asked again and again, but never. */
function offeredNow() {
  try {
    const isNew = localStorage.getItem(INTRODUCTION_PLACE) === null;
    localStorage.setItem(INTRODUCTION_PLACE, "offered");
    return isNew;
  } catch {
    return false;
  }
}
