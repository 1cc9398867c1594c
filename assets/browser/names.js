// Names at the segments: largest first, each only where it collides with none before it.

const NAME_GAP = 3;
const NARROW_NAME = 44; // CSS pixels that any segment grants its name

class Names {
  constructor() {
    this.node = make("div", { class: "names", "aria-hidden": "true" });
    this.rows = [];
    this.sizes = new Map(); // [width, height] in CSS pixels by text
  }

  /** @param rows [{text, anchor: [x, y], box}] in picture pixels, most important first */
  set(rows) {
    if (sameRows(rows, this.rows)) return;
    this.rows = rows;
    while (this.node.children.length > rows.length) this.node.lastChild.remove();
    while (this.node.children.length < rows.length) this.node.append(make("span", { class: "name" }));
    rows.forEach(({ text }, i) => {
      const node = this.node.children[i];
      if (node.textContent !== text) node.textContent = text;
    });
    this.scale = null;
  }

  /** Follows the view; the names are laid anew only at another scale. */
  place({ left, top, scale, picture }) {
    this.node.style.transform = `translate(${left}px, ${top}px)`;
    if (this.scale === scale || this.node.hidden) return;
    this.scale = scale;
    this.measure();
    this.lay(scale, picture.width * scale, picture.height * scale);
  }

  measure() {
    const unknown = this.rows.map(({ text }, i) => [text, this.node.children[i]])
      .filter(([text]) => !this.sizes.has(text));
    for (const [, node] of unknown) node.hidden = false;
    for (const [text, node] of unknown) this.sizes.set(text, [node.offsetWidth, node.offsetHeight]);
  }

  lay(scale, right, bottom) {
    const taken = [];
    this.rows.forEach(({ text, anchor, box: [x0, , x1] }, i) => {
      const [width, height] = this.sizes.get(text);
      const left = clamp((anchor[0] + 0.5) * scale - width / 2, 2, right - width - 2);
      const top = clamp((anchor[1] + 0.5) * scale - height / 2, 2, bottom - height - 2);
      const box = [left, top, left + width, top + height];
      const fits = width <= Math.max((x1 - x0) * scale, NARROW_NAME) * 1.25
        && !taken.some((other) => collide(box, other));
      const node = this.node.children[i];
      node.hidden = !fits;
      if (!fits) return;
      node.style.left = `${Math.round(left)}px`; // a transform would make each a layer, which every frame pays for
      node.style.top = `${Math.round(top)}px`;
      taken.push(box);
    });
  }
}

function sameRows(rows, others) {
  return rows.length === others.length && rows.every((row, i) => row === others[i]);
}

function collide([ax0, ay0, ax1, ay1], [bx0, by0, bx1, by1]) {
  return ax0 < bx1 + NAME_GAP && bx0 < ax1 + NAME_GAP && ay0 < by1 + NAME_GAP && by0 < ay1 + NAME_GAP;
}
