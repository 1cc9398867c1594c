// Colours of segments: the class's own colour, varied where one class has several things.

const VARIATIONS = [[0, 0], [14, 0.1], [-14, -0.1], [26, -0.06], [-26, 0.08], [8, 0.2], [-8, -0.18]]; // hue, lightness

function hslOf([red, green, blue]) {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const high = Math.max(r, g, b);
  const span = high - Math.min(r, g, b);
  const lightness = high - span / 2;
  const saturation = span === 0 ? 0 : span / (1 - Math.abs(2 * lightness - 1));
  return [hueOf(r, g, b, high, span), saturation, lightness];
}

function hueOf(r, g, b, high, span) {
  if (span === 0) return 0;
  if (high === r) return 60 * (((g - b) / span + 6) % 6);
  if (high === g) return 60 * ((b - r) / span + 2);
  return 60 * ((r - g) / span + 4);
}

function rgbOf([hue, saturation, lightness]) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

/** The n-th variant of a colour; the first is the colour itself. */
function variant(color, rank) {
  if (rank % VARIATIONS.length === 0) return color;
  const [turn, lift] = VARIATIONS[rank % VARIATIONS.length];
  const [hue, saturation, lightness] = hslOf(color);
  return rgbOf([(hue + turn + 360) % 360, saturation, Math.min(0.82, Math.max(0.2, lightness + lift))]);
}

/** Map of label to colour for rows {label, category_id}; rows of one class are told apart in their order. */
function distinctColors(rows, categoryOf) {
  const ranks = new Map();
  return new Map(rows.map(({ label, category_id: id }) => {
    const rank = ranks.get(id) ?? 0;
    ranks.set(id, rank + 1);
    return [label, variant(categoryOf(id).color, rank)];
  }));
}

function cssColor([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}

/** One canvas pixel as the little-endian word of an RGBA quadruple. */
function pixelWord([red, green, blue], alpha) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The colour moved towards white by a share. */
function lighter(color, share) {
  return color.map((value) => Math.round(value + (255 - value) * share));
}
