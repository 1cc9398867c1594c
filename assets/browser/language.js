// The language of the page: what the person chose in this browser, else the first of those that the browser prefers
// and there are sentences in, else the server's.

const LANGUAGE_PLACE = "maskformer-studio.language";

class Language {
  constructor() {
    this.listeners = [];
    this.use(keptLanguage() ?? preferredLanguage() ?? FIRST_LANGUAGE);
  }

  /** All there are, each as those who speak it call it. */
  get all() {
    return Object.entries(CATALOGUES).map(([code, sentences]) => (
      { code, tag: sentences["app.language.tag"], name: sentences["app.language.name"] }));
  }

  /** Calls the listener whenever another language is chosen. */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** From now on the page, and what the server says to it, is in this language; the browser remembers it. */
  choose(code) {
    try {
      localStorage.setItem(LANGUAGE_PLACE, code);
    } catch { /* a browser that keeps nothing speaks it until the page is left */ }
    this.use(code);
    for (const listener of this.listeners) listener();
  }

  use(code) {
    const tag = CATALOGUES[code]["app.language.tag"];
    const number = (options) => new Intl.NumberFormat(tag, options);
    Object.assign(this, {
      code,
      tag,
      sentences: CATALOGUES[code],
      plural: new Intl.PluralRules(tag),
      whole: number({}),
      digits: number({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
      decimal: number({ maximumFractionDigits: 3, maximumSignificantDigits: 3, roundingPriority: "lessPrecision" }),
      percent: number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
      wholePercent: number({ style: "percent" }),
      moment: new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }),
    });
    document.documentElement.lang = tag;
  }
}

function keptLanguage() {
  try {
    const code = localStorage.getItem(LANGUAGE_PLACE);
    return Object.hasOwn(CATALOGUES, code) ? code : null;
  } catch {
    return null;
  }
}

function preferredLanguage() {
  const codes = (navigator.languages ?? []).map((tag) => tag.toLowerCase().split("-")[0]);
  return codes.find((code) => Object.hasOwn(CATALOGUES, code)) ?? null;
}

const language = new Language();
