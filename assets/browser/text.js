// Sentences and numbers in the person's language. All visible text passes through say().

const pluralRules = new Intl.PluralRules(LANGUAGE);
const wholeNumbers = new Intl.NumberFormat(LANGUAGE);
const probabilities = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percentages = new Intl.NumberFormat(LANGUAGE, {
  style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const wholePercentages = new Intl.NumberFormat(LANGUAGE, { style: "percent" });

/** The sentence for a key; a `count` among the values chooses between `key.one` and `key.other`. */
function say(key, values = {}) {
  const form = "count" in values ? `${key}.${pluralRules.select(values.count)}` : key;
  const sentence = MESSAGES[form] ?? MESSAGES[`${key}.other`] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name) => (name === "count" ? whole(values.count) : values[name]));
}

/** The same in the words of the open model: a per-pixel one has classes where the others have queries. */
function sayOf(studio, key, values = {}) {
  const other = key.replace("app.", "app.per_pixel.");
  return say(studio.perPixel && (other in MESSAGES || `${other}.other` in MESSAGES) ? other : key, values);
}

function whole(value) {
  return wholeNumbers.format(value);
}

/** Two digits, but never 1.00 or 0.00 for a probability that is not: 0.998 reads >0.99. */
function probability(value) {
  if (value > 0.995 && value < 1) return `>${probabilities.format(0.99)}`;
  if (value < 0.005 && value > 0) return `<${probabilities.format(0.01)}`;
  return probabilities.format(value);
}

function percentage(share) {
  return share > 0 && share < 0.001 ? `<${percentages.format(0.001)}` : percentages.format(share);
}

function wholePercentage(share) {
  return wholePercentages.format(share);
}
