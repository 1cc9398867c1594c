// A gesture of smart click as a prompt, and prompts as marks on the picture.

const INSIDE = "#15803d";
const OUTSIDE = "#c81e1e";
const MARK_RADIUS = 8; // CSS pixels
const STROKE_BREADTH = 3; // CSS pixels of a stroke's line
const MOST_PLACES = 1500; // of one stroke

/** The prompt of a press that has ended; null where it says nothing. */
function promptOf({ point, positive, boxed, isDrag, corner, places }, { stage, scale }) {
  const { view } = stage.viewport;
  if (isDrag && boxed) return boxPrompt(cornerOf(point), corner, view.picture);
  if (isDrag) {
    const step = Math.ceil(places.length / MOST_PLACES);
    const points = places.filter((_, i) => i % step === 0 || i === places.length - 1);
    return points.length > 1 ? { points_xy: points, width: clamp(STROKE_BREADTH / scale, 1, 100), positive } : null;
  }
  return view.contains(point) ? { x: point.x, y: point.y, positive } : null;
}

/** The part of a box between two pixel corners that lies in the picture. */
function boxPrompt([ax, ay], [bx, by], { height, width }) {
  const box = [clamp(Math.min(ax, bx), 0, width), clamp(Math.min(ay, by), 0, height),
    clamp(Math.max(ax, bx), 0, width), clamp(Math.max(ay, by), 0, height)];
  return box[0] < box[2] && box[1] < box[3] ? { box_xyxy: box } : null;
}

function drawPrompt(context, view, { x, y, points_xy: points, box_xyxy: box, positive, pending = false }) {
  if (box) drawBox(context, view, box);
  else if (points) drawStroke(context, view, points, positive);
  else if (x !== undefined) drawDot(context, ...view.toScreen(x + 0.5, y + 0.5), positive, pending);
}

/** A disc with a plus or a minus; fainter until it is answered. */
function drawDot(context, x, y, positive, pending) {
  context.save();
  context.globalAlpha = pending ? 0.6 : 1;
  context.beginPath();
  context.arc(x, y, MARK_RADIUS, 0, 2 * Math.PI);
  context.fillStyle = positive ? INSIDE : OUTSIDE;
  context.fill();
  strokeTwice(context, () => context.arc(x, y, MARK_RADIUS, 0, 2 * Math.PI));
  context.lineWidth = 2;
  context.strokeStyle = "#fff";
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  if (positive) context.moveTo(x, y - 4);
  if (positive) context.lineTo(x, y + 4);
  context.stroke();
  context.restore();
}

function drawStroke(context, view, points, positive) {
  for (const [width, color] of [[STROKE_BREADTH + 3, "#fff"], [STROKE_BREADTH, positive ? INSIDE : OUTSIDE]]) {
    context.lineWidth = width;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = color;
    context.beginPath();
    for (const [x, y] of points) context.lineTo(...view.toScreen(x + 0.5, y + 0.5));
    context.stroke();
  }
}

function drawBox(context, view, [x0, y0, x1, y1]) {
  const [left, top] = view.toScreen(x0, y0);
  const [right, bottom] = view.toScreen(x1, y1);
  strokeTwice(context, () => context.rect(left, top, right - left, bottom - top));
}
