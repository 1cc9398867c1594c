// The sheet that "?" shows.

const KEY_ROWS = ["click", "arrows", "enter", "digits", "category", "delete_next", "delete_void", "undo", "redo",
  "select", "outlines", "names", "zoom", "model", "escape", "help"];

function createKeySheet() {
  const sheet = make("dialog",
    { class: "dialog key-sheet", "aria-label": say("app.keys.title"), data: { testid: "key-sheet" },
    on: { click: (event) => event.target === sheet && sheet.close() } });
  const rows = KEY_ROWS.flatMap((row) => [
    make("dt", {}, say(`app.keys.${row}.keys`).split(" ").map((keys) => make("kbd", {}, keys))),
    make("dd", {}, say(`app.keys.${row}`)),
  ]);
  sheet.append(make("div", { class: "dialog-body" },
    make("header", { class: "dialog-head" }, make("h3", {}, say("app.keys.title")),
      iconButton("close", say("app.close"), () => sheet.close())),
    make("p", { class: "quiet" }, say("app.keys.where")),
    make("dl", { class: "keys" }, rows)));
  return sheet;
}
