// The page's header, which stands outside the workbench: its words, and the menu of languages.

const HEADER_WORDS = {
  "#studio-title h1": "app.name",
  "#studio-title p": "app.idea",
  "#studio-card > .label-wrap > span:first-child": "app.model.card",
};

async function dressHeader(introduction) {
  for (const [place, key] of Object.entries(HEADER_WORDS)) whenThere(place).then((node) => write(node, say(key)));
  (await whenThere("#studio-languages")).replaceChildren(buildIntroductionButton(introduction),
    buildLanguageMenu());
}

function buildIntroductionButton(introduction) {
  const node = button({ class: "header-button", data: { testid: "introduction-open" } }, () => introduction.start(node),
    icon("introduction"), make("span", {}, say("app.introduction.open")));
  return node;
}

/** Each language is named in itself. */
function buildLanguageMenu() {
  const menu = picker(say("app.language.label"), [], (code) => language.choose(code), { "data-testid": "language" });
  menu.append(...language.all.map(({ code, tag, name }) => make("option", { value: code, lang: tag }, name)));
  menu.value = language.code;
  return make("label", { class: "language-menu", title: say("app.language.label") }, icon("language"), menu);
}

/** The first node that a selector finds, once Gradio has made it: it makes the page's parts in no fixed order. */
function whenThere(selector) {
  return new Promise((resolve) => {
    const look = () => {
      const node = document.querySelector(selector);
      if (!node) return;
      observer.disconnect();
      resolve(node);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
    look();
  });
}
