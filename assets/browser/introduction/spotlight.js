// A shade over the page with holes in it, and a ring around each.

const LIGHT_RIM = 6; // CSS pixels that a hole is larger than what stands in it
const LIGHT_ROUND = 12;
const MOST_LIGHTS = 2;

class Spotlight {
  constructor() {
    this.shade = make("div", { class: "introduction-shade", "aria-hidden": "true" });
    this.rings = Array.from({ length: MOST_LIGHTS }, (_, i) => make("div", { class: "introduction-ring",
      "aria-hidden": "true", data: { testid: `introduction-light-${i}` } }));
  }

  get nodes() {
    return [this.shade, ...this.rings];
  }

  /** @param boxes {left, top, right, bottom} in the window, one or two */
  show(boxes) {
    const holes = this.rings.map((_, i) => boxes[i] ?? null);
    const outside = `M0 0H${innerWidth}V${innerHeight}H0Z`;
    // as many holes each time, so that one picture of the shade turns into the next
    this.shade.style.clipPath = `path(evenodd, "${outside}${holes.map((box) => roundedPath(box ?? boxes[0], box === null)).join("")}")`;
    this.rings.forEach((ring, i) => {
      ring.hidden = holes[i] === null;
      if (ring.hidden) return;
      const { left, top, right, bottom } = holes[i];
      Object.assign(ring.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    });
  }
}

/** The outline of a box with round corners, or of nothing in its corner. */
function roundedPath({ left, top, right, bottom }, isNothing) {
  const [width, height] = isNothing ? [0, 0] : [right - left, bottom - top];
  const r = Math.min(LIGHT_ROUND, width / 2, height / 2);
  const arc = (x, y) => `a${r} ${r} 0 0 1 ${x} ${y}`;
  return `M${left + r} ${top}h${width - 2 * r}${arc(r, r)}v${height - 2 * r}${arc(-r, r)}h${2 * r - width}${arc(-r, -r)}`
    + `v${2 * r - height}${arc(r, -r)}Z`;
}

/** What of a node is to be seen in the window over a floor, with a rim; null where nothing is. */
function litBox(node, floor) {
  const seen = [node, ...scrollersOf(node)].map((each) => each.getBoundingClientRect());
  const box = {
    left: Math.max(2, Math.max(...seen.map((each) => each.left)) - LIGHT_RIM),
    top: Math.max(2, Math.max(...seen.map((each) => each.top)) - LIGHT_RIM),
    right: Math.min(innerWidth - 2, Math.min(...seen.map((each) => each.right)) + LIGHT_RIM),
    bottom: Math.min(floor - 2, Math.min(...seen.map((each) => each.bottom)) + LIGHT_RIM),
  };
  return box.right - box.left > 2 * LIGHT_RIM && box.bottom - box.top > 2 * LIGHT_RIM ? box : null;
}

/** What scrolls a node inside the workbench. */
function scrollersOf(node) {
  const found = [];
  for (let parent = node.parentElement; parent && !parent.matches(".studio"); parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) found.push(parent);
  }
  return found;
}
