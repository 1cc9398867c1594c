// Clicks on other segments join them to the chosen one.

class MergeTool {
  constructor(toolbox) {
    Object.assign(this, { toolbox, name: "merge", cursor: "copy" });
  }

  up(point) {
    const { studio, edits, stage } = this.toolbox;
    const chosen = this.toolbox.requireSegment();
    const other = stage.viewport.view.contains(point) ? studio.labelMap.at(point.x, point.y) : 0;
    if (chosen === null || !studio.segments.has(other) || other === chosen) return;
    edits.edit({ kind: "merge", segment_ids: [chosen, other] });
  }

  down() {}

  move() {}

  cancel() {}

  hover() {}

  draw() {}
}
