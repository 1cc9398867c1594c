// Which key does what: defaults for one hand, changed by the person and kept in the browser.
//
// A chord is written "Ctrl+Shift+z": letters are lower case, Shift is named for letters and named keys only, since it
// is part of what any other character is.

const DEFAULT_KEYS = {
  select: "v", smart: "a", brush: "b", eraser: "e", polygon: "g", lasso: "f", rectangle: "t", fill: "w", pick: "q",
  finer: "[", broader: "]", subtract: "s", new: "d", only_void: "x", boxed: "z",
  confirm: " ", next: "Tab", previous: "Shift+Tab", protect: "r", category: "c",
  delete_next: "Delete", delete_void: "Shift+Delete",
  alike: "l",
  undo: "Ctrl+z", redo: "Ctrl+y",
  merge: "Shift+w", cut: "Shift+x", split_components: "Shift+s", fill_holes: "Shift+f", remove_islands: "Shift+d",
  grow: "Shift+g", shrink: "Shift+t", smooth: "Shift+r", fill_void: "Shift+v",
  assist: "Shift+a",
  fainter: ",", stronger: ".",
  alone: "h", outlines: "o", names: "n", zoom_in: "+", zoom_out: "-", fit: "0", exact: "Shift+0",
  model: "m", explain: "y", help: "?",
};
const OTHER_CHORDS = { "Ctrl+Shift+z": "redo" };
const KEYMAP_PLACE = "maskformer-studio.keys";

class Keymap {
  constructor() {
    this.listeners = [];
    this.own = readOwnKeys();
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  /** The chord of an action. */
  of(action) {
    return this.own[action] ?? DEFAULT_KEYS[action];
  }

  /** The action of a chord; undefined where it has none. */
  action(chord) {
    return Object.keys(DEFAULT_KEYS).find((action) => this.of(action) === chord) ?? OTHER_CHORDS[chord];
  }

  /** What a pressed key means: its chord, or the character as such where a layout needs Shift for it. */
  meaning(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    const asSuch = !altKey && !ctrlKey && !metaKey && key.length === 1; // Shift+Tab is not Tab
    return this.action(chordOf(event)) ?? (asSuch ? this.action(key) : undefined);
  }

  bind(action, chord) {
    this.keep({ ...this.own, [action]: chord });
  }

  reset() {
    this.keep({});
  }

  keep(own) {
    this.own = own;
    try {
      localStorage.setItem(KEYMAP_PLACE, JSON.stringify(own));
    } catch { /* a browser that keeps nothing has the keys until the page is left */ }
    for (const listener of this.listeners) listener();
  }
}

function readOwnKeys() {
  try {
    const kept = Object.entries(JSON.parse(localStorage.getItem(KEYMAP_PLACE)) ?? {});
    return Object.fromEntries(kept.filter(([action, chord]) => action in DEFAULT_KEYS && typeof chord === "string"));
  } catch {
    return {};
  }
}

function chordOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }) {
  const digit = shiftKey && /^Digit\d$/.test(code) && !/^\d$/.test(key) ? code.at(-1) : null;
  const name = digit ?? (key.length === 1 ? key.toLowerCase() : key);
  const named = digit !== null || key.length > 1 || key.toLowerCase() !== key.toUpperCase();
  return [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", shiftKey && named && "Shift", name].filter(Boolean).join("+");
}

/** A chord as a person reads it. */
function chordWords(chord) {
  const parts = chord === "+" ? ["+"] : chord.replace(/\+\+$/, "+plus").split("+");
  const words = parts.map((part) => sayOr(`app.key.${part}`, part.length === 1 ? part.toUpperCase() : part));
  return joined(words, " ");
}
