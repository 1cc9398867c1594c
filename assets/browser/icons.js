// Stroke icons on a 16 x 16 grid, drawn as one path each.

const ICON_PATHS = {
  picture: "M2.5 3.5h11v9h-11zM2.5 10.5l3-3 2.5 2.5 2-2 3.5 3.5M10.5 6.2h.01",
  undo: "M6 3.5 2.5 7 6 10.5M2.5 7h6.75a4 4 0 0 1 0 8H7",
  redo: "M10 3.5 13.5 7 10 10.5M13.5 7H6.75a4 4 0 0 0 0 8H9",
  keys: "M1.5 4.5h13v7.5h-13zM4 7h.01M6.6 7h.01M9.3 7h.01M12 7h.01M5 9.5h6",
  export: "M8 2v8M4.75 7 8 10.25 11.25 7M2.5 11v2.5h11V11",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  upload: "M8 10.5V2.5M4.75 5.5 8 2.25 11.25 5.5M2.5 10.5v3h11v-3",
  check: "M3 8.5 6.5 12 13 4.5",
  chevron: "M4.5 6.5 8 10l3.5-3.5",
  download: "M8 2.5v7.5M5 7.25 8 10.25 11 7.25M3 13.25h10",
  away: "M6.5 3.5h-3v9h9v-3M9.5 2.5h4v4M13.5 2.5 7.5 8.5",
  sort: "M4.5 6 8 2.5 11.5 6M4.5 10 8 13.5 11.5 10",
  edited: "M3 13l.6-2.6L10.9 3l2.1 2.1-7.4 7.3z",
};

function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICON_PATHS[name]);
  picture.append(path);
  return picture;
}
