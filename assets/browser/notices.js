// One sentence at a time in a live region over everything: errors stay until dismissed, the rest fades.

const NOTICE_SECONDS = 6;

class Notices {
  constructor() {
    this.words = make("span", { class: "notice-words" });
    this.dismiss = iconButton("close", say("app.notice.dismiss"), () => this.clear(),
      { "data-testid": "notice-dismiss" });
    this.node = make("div", { class: "notice", role: "status", "aria-live": "polite", "data-testid": "notice" },
      this.words);
    this.clear();
    language.onChange(() => this.isSaid || this.clear()); // what the server said stays in another language
  }

  /** Lets the region stand in the workbench, or in the dialog that is open: a modal one covers all else. */
  settle(root) {
    this.root = root;
    root.append(this.node);
    root.addEventListener("close", () => this.move(), true);
  }

  move() {
    const place = [...this.root.querySelectorAll("dialog:modal")].at(-1) ?? this.root;
    if (this.node.parentNode !== place) place.append(this.node);
  }

  tell(sentence) {
    this.show(sentence, "news");
    this.timer = setTimeout(() => this.clear(), NOTICE_SECONDS * 1000);
  }

  fail(sentence) {
    this.show(sentence, "error");
  }

  show(sentence, kind) {
    clearTimeout(this.timer);
    this.move();
    write(this.words, sentence);
    this.isSaid = sentence instanceof Words;
    this.node.dataset.kind = kind;
    this.node.append(this.dismiss);
  }

  clear() {
    clearTimeout(this.timer);
    write(this.words, "");
    this.node.dataset.kind = "none";
    this.dismiss.remove();
  }
}
