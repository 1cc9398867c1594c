// Keys act while the focus is in the workbench and not in a text field; Escape closes, clears, then releases.

class Keys {
  constructor({ root, studio, edits, stage, list, inspector, keySheet, modelSwitch }) {
    Object.assign(this, { root, studio, edits, stage, list, inspector, keySheet, modelSwitch });
    root.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (!this.studio.state || event.defaultPrevented || isTextField(event.target)
      || event.target.closest("dialog")) return;
    const act = event.ctrlKey || event.metaKey ? this.commandOf(event) : this.actionOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  commandOf({ key, shiftKey, altKey }) {
    if (altKey) return null;
    const letter = key.toLowerCase();
    if (letter === "y" || (letter === "z" && shiftKey)) return () => this.edits.redo();
    return letter === "z" ? () => this.edits.undo() : null;
  }

  actionOf(event) {
    const { key, shiftKey, altKey, target } = event;
    if (altKey) return null;
    if (key.startsWith("Arrow") && target === this.stage.viewport.node) return () => this.step(key);
    if (/^[1-9]$/.test(key)) return this.onSegment(() => this.inspector.segment.press(Number(key)));
    const { studio } = this;
    return {
      Delete: this.onSegment((segment) => this.edits.remove(segment, shiftKey ? "void" : "next")),
      Escape: () => this.release(),
      "?": () => this.keySheet.showModal(),
      "+": () => this.stage.viewport.zoomIn(),
      "-": () => this.stage.viewport.zoomOut(),
      0: () => this.stage.viewport.fit(),
      v: () => this.stage.viewport.node.focus({ preventScroll: true }),
      c: this.onSegment(() => this.inspector.segment.search.field.focus()),
      o: () => studio.setDisplay({ outlines: !studio.display.outlines }),
      m: () => this.modelSwitch.menu.show(),
      n: () => studio.setDisplay({ names: !studio.display.names }),
    }[key.length === 1 ? key.toLowerCase() : key] ?? null;
  }

  /** The act with the chosen segment, or null where none is chosen. */
  onSegment(act) {
    const { kind, segment } = this.studio.choice;
    return kind === "segment" ? () => act(segment) : null;
  }

  /** The next or previous segment in the order of the list. */
  step(key) {
    const rows = this.list.ordered();
    if (rows.length === 0) return;
    const from = rows.findIndex((row) => row.segment_id === this.studio.choice.segment);
    const back = key === "ArrowLeft" || key === "ArrowUp";
    const to = from === -1 && back ? rows.length - 1 : (from + (back ? -1 : 1) + rows.length) % rows.length;
    this.studio.chooseSegment(rows[to].segment_id);
  }

  release() {
    if (this.studio.choice.kind !== null) this.studio.choose({ kind: null });
    else document.activeElement?.blur();
  }
}
