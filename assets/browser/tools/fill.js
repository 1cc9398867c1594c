// Flood fill: the connected region of one label under the click.

class FillTool {
  constructor(toolbox) {
    Object.assign(this, { toolbox, name: "fill", cursor: "cell" });
  }

  down(point, event) {
    const { studio } = this.toolbox;
    const { height, width } = studio.document;
    if (point.x < 0 || point.y < 0 || point.x >= width || point.y >= height) return;
    const gesture = this.toolbox.begin(point, event);
    if (!gesture) return;
    const { edit, after } = gesture.aim;
    const label = studio.labelMap.at(point.x, point.y);
    if (after[label] === label) return void this.refuse(gesture, label);
    gesture.cover(fillRuns, studio.labelMap.labels, [point.x, point.y]);
    const said = edit.kind === "paint" && !edit.only_void;
    gesture.finish(said ? { ...edit, kind: "fill_at", x: point.x, y: point.y } : null);
  }

  /** Nothing would change: the region is that segment's already, or protected. */
  refuse(gesture, label) {
    const { studio } = this.toolbox;
    gesture.cancel();
    if (studio.segments.get(label)?.locked) studio.notices.tell(say("app.tools.locked", { id: label }));
  }

  move() {}

  up() {}

  cancel() {}

  hover() {}

  draw() {}
}
