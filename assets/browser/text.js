// Sentences and numbers in the person's language. All visible text passes through say().

/** What is said, in the language of the moment: read it as text, or let spoken.js keep a node's words up to date. */
class Words {
  constructor(tell) {
    this.tell = tell;
  }

  toString() {
    return this.tell();
  }
}

/** The sentence for a key; a `count` among the values chooses between `key.one` and `key.other`. */
function say(key, values = {}) {
  return new Words(() => sentenceOf(key, values));
}

/** The same in the words of the open model: a per-pixel one has classes where the others have queries. */
function sayOf(studio, key, values = {}) {
  const other = key.replace("app.", "app.per_pixel.");
  return say(studio.perPixel && isSaid(other) ? other : key, values);
}

/** The sentence for a key, or other words where there is none. */
function sayOr(key, otherwise) {
  return isSaid(key) ? say(key) : otherwise;
}

/** What is English as it comes, from a model's card for instance: the sentence for a key that says the same in English. */
function sayAs(key, english) {
  return key in CATALOGUES.en && CATALOGUES.en[key] === english ? say(key) : english;
}

/** Several words in a row. */
function joined(parts, joint) {
  return new Words(() => parts.join(joint));
}

/** Words inside a sentence that stand alone elsewhere. */
function lowered(words) {
  return new Words(() => String(words).toLocaleLowerCase(language.tag));
}

/** A moment, given in seconds. */
function moment(seconds) {
  return new Words(() => language.moment.format(new Date(seconds * 1000)));
}

function isSaid(key) {
  return key in language.sentences || `${key}.other` in language.sentences;
}

function sentenceOf(key, values) {
  const { sentences, plural } = language;
  const form = "count" in values ? `${key}.${plural.select(values.count)}` : key;
  const sentence = sentences[form] ?? sentences[`${key}.other`] ?? sentences[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => (name === "count" ? whole(values.count) : values[name]));
}

function whole(value) {
  return language.whole.format(value);
}

function twoDigits(value) {
  return language.digits.format(value);
}

/** Two digits, but never 1.00 or 0.00 for a probability that is not: 0.998 reads >0.99. */
function probability(value) {
  if (value > 0.995 && value < 1) return `>${twoDigits(0.99)}`;
  if (value < 0.005 && value > 0) return `<${twoDigits(0.01)}`;
  return twoDigits(value);
}

function percentage(share) {
  return share > 0 && share < 0.001 ? `<${language.percent.format(0.001)}` : language.percent.format(share);
}

function wholePercentage(share) {
  return language.wholePercent.format(share);
}
