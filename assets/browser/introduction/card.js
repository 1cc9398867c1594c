// A card about what stands in the spotlight: modal, so that the focus stays in the card until it is closed.

const CARD_GAP = 14; // CSS pixels between the light and the card, and from both to the window's edge
const NARROW_WINDOW = 720; // less has no room beside anything: the card stands at the bottom

class IntroductionCard {
  /** @param acts {step(by), end()} */
  constructor(acts) {
    this.acts = acts;
    this.stem = uniqueId("introduction");
    this.spotlight = new Spotlight();
    this.picture = make("img", { class: "introduction-picture", hidden: true });
    this.title = make("h4", { id: `${this.stem}-title`, data: { testid: "introduction-title" } });
    this.words = make("p", { id: `${this.stem}-words`, data: { testid: "introduction-words" } });
    this.count = make("span", { class: "quiet", data: { testid: "introduction-at" } });
    this.dots = make("span", { class: "introduction-dots", "aria-hidden": "true" });
    this.card = make("div", { class: "introduction-card" },
      make("div", { class: "introduction-said", role: "status" }, this.count, this.title, this.picture, this.words),
      this.buildFoot());
    this.node = make("dialog", { class: "introduction", "aria-labelledby": this.title.id, "aria-describedby": this.words.id,
      data: { testid: "introduction" }, on: {
        keydown: (event) => this.press(event),
        cancel: (event) => (event.preventDefault(), acts.end()),
      } }, this.spotlight.nodes, this.card);
    this.resized = new ResizeObserver(() => this.bring());
    this.moved = () => this.place();
  }

  buildFoot() {
    const choice = (name, act, kind) => button({ class: kind, data: { testid: `introduction-${name}` } }, act,
      say(`app.introduction.${name}`));
    this.skip = choice("skip", () => this.acts.end(), "link");
    this.back = choice("back", () => this.acts.step(-1), "button");
    this.next = choice("next", () => this.acts.step(1), "button primary");
    return make("div", { class: "introduction-foot" }, this.skip, this.dots, this.back, this.next);
  }

  press({ key }) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (by) this.acts.step(by);
  }

  /** @param step {at, all, title, words, places: the nodes in the light, picture: {address, words} or null} */
  show({ at, all, title, words, places, picture }) {
    const isLast = at + 1 === all;
    write(this.count, say("app.introduction.at", { at: whole(at + 1), all: whole(all) }));
    write(this.title, title);
    write(this.words, words);
    write(this.next, say(isLast ? "app.introduction.done" : "app.introduction.next"));
    this.back.disabled = at === 0;
    this.skip.style.visibility = isLast ? "hidden" : "";
    this.picture.hidden = picture === null;
    if (picture) {
      this.picture.src = picture.address;
      setWords(this.picture, "alt", picture.words);
    }
    this.dots.replaceChildren(...Array.from({ length: all }, (_, i) => make("span", { "data-past": i <= at })));
    if (!this.node.open) this.open();
    if (document.activeElement !== this.back || this.back.disabled) this.next.focus();
    this.follow(places);
  }

  open() {
    this.node.showModal();
    addEventListener("scroll", this.moved, true);
    addEventListener("resize", this.moved);
  }

  close() {
    this.resized.disconnect();
    removeEventListener("scroll", this.moved, true);
    removeEventListener("resize", this.moved);
    this.makeRoom(0);
    this.node.close();
  }

  follow(places) {
    this.places = places;
    this.resized.disconnect();
    for (const node of [places[0], this.card]) this.resized.observe(node);
    this.bring();
  }

  get isNarrow() {
    return innerWidth < NARROW_WINDOW;
  }

  /** Scrolls what is in the light into sight; also when it grows, because what it says has come. */
  bring() {
    this.makeRoom(this.isNarrow ? this.card.offsetHeight + 2 * CARD_GAP : 0);
    this.places[0].scrollIntoView({ block: this.isNarrow ? "start" : "center", behavior: "instant" });
    this.place();
  }

  /** Below the page, so that its last parts can be scrolled to above a card at the bottom. */
  makeRoom(height) {
    this.node.parentElement.style.paddingBottom = height > 0 ? `${height}px` : "";
  }

  place() {
    if (!this.node.open) return;
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const floor = this.isNarrow ? innerHeight - height - 2 * CARD_GAP : innerHeight;
    const lit = this.places.map((node) => litBox(node, floor)).filter((box) => box !== null);
    if (lit.length === 0) return;
    this.spotlight.show(lit);
    const [left, top] = this.isNarrow ? [(innerWidth - width) / 2, innerHeight - height - CARD_GAP]
      : cardPlace(lit[0], width, height);
    Object.assign(this.card.style, { left: `${Math.round(left)}px`, top: `${Math.round(top)}px` });
  }
}

/** Beside, below or above the light, where there is room; else in its lower corner. */
function cardPlace({ left, top, right, bottom }, width, height) {
  const [across, down] = [innerWidth - width - CARD_GAP, innerHeight - height - CARD_GAP];
  const along = clamp((top + bottom - height) / 2, CARD_GAP, Math.max(CARD_GAP, down));
  const under = clamp((left + right - width) / 2, CARD_GAP, across);
  if (right + CARD_GAP <= across) return [right + CARD_GAP, along];
  if (left - CARD_GAP - width >= CARD_GAP) return [left - CARD_GAP - width, along];
  if (bottom + CARD_GAP <= down) return [under, bottom + CARD_GAP];
  if (top - CARD_GAP - height >= CARD_GAP) return [under, top - CARD_GAP - height];
  return [clamp(right - width - CARD_GAP, CARD_GAP, across), Math.max(CARD_GAP, Math.min(down, bottom - height - CARD_GAP))];
}
