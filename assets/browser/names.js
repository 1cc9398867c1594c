// Names at the segments: largest first, each only where it collides with none before it.

const NAME_GAP = 3;

/**
 * @param rows [{text, x, y, width}] anchor and box width in CSS pixels, most important first
 * @param bounds {height, width} of the plane in CSS pixels
 */
function placeNames(container, rows, bounds) {
  container.replaceChildren(...rows.map(({ text }) => make("span", { class: "name" }, text)));
  const sizes = [...container.children].map((node) => [node.offsetWidth, node.offsetHeight]);
  const taken = [];
  rows.forEach((row, i) => {
    const [width, height] = sizes[i];
    const left = clamp(row.x - width / 2, 2, bounds.width - width - 2);
    const top = clamp(row.y - height / 2, 2, bounds.height - height - 2);
    const box = [left, top, left + width, top + height];
    const fits = width <= Math.max(row.width, 44) * 1.25 && !taken.some((other) => collide(box, other));
    const node = container.children[i];
    node.hidden = !fits;
    node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    if (fits) taken.push(box);
  });
}

function collide([ax0, ay0, ax1, ay1], [bx0, by0, bx1, by1]) {
  return ax0 < bx1 + NAME_GAP && bx0 < ax1 + NAME_GAP && ay0 < by1 + NAME_GAP && by0 < ay1 + NAME_GAP;
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}
