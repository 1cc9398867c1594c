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
  select: "M4 2.5v10l2.7-2.6 1.7 3.9 1.8-.8-1.7-3.8h3.7z",
  smart: "M8 1.500v3M8 11.500v3M1.500 8h3M11.500 8h3M6 8h4M8 6v4",
  alike: "M2.500 2.500h5v5h-5zM9.500 10.500h4v4h-4zM10 2.500h3.500v3.500H10zM2.500 10.500h3.500v3.500H2.500z",
  tour: "M8 4.500v4M8 11.200h.01M8 1.800a6.200 6.200 0 1 1 0 12.400A6.200 6.200 0 0 1 8 1.800z",
  assist: "M8 2l1.400 4.100 4.100 1.400-4.100 1.400L8 13l-1.400-4.100L2.500 7.500l4.100-1.400zM13 1.500v2.500M11.750 2.750h2.500",
  before: "M10 4 6 8l4 4",
  after: "M6 4l4 4-4 4",
  brush: "M13.5 2.5 7.3 8.7M6.2 8.2a2.3 2.3 0 0 1 1.6 1.6c.4 2-1.2 3.7-5.3 3.2 1.2-1 .9-2 1.3-3.3a2.2 2.2 0 0 1 2.4-1.5z",
  eraser: "M6.5 13.5h7M3 10.2l6.7-6.7 3.8 3.8-6.2 6.2H5.3L3 11.2a.7.7 0 0 1 0-1zM6.3 7l3.8 3.8",
  polygon: "M8 2.5l5.5 4.2-2.1 6.6H4.6L2.5 6.7zM8 2.5h.01M13.5 6.7h.01M2.5 6.7h.01",
  lasso: "M5.2 10.6C3.5 9.9 2.3 8.700 2.3 7.200c0-2.400 2.500-4.300 5.700-4.300s5.700 1.900 5.700 4.300-2.500 4.300-5.700 4.300c-.6 0-1.200-.1-1.700-.2M4 10.500a1.300 1.300 0 1 0 2.600.1 1.300 1.300 0 0 0-2.600-.1zM5.600 11.800c0 .9-.5 1.500-1.300 1.900",
  rectangle: "M2.5 3.5h11v9h-11z",
  fill: "M7.200 2.500 2.600 7.100a1 1 0 0 0 0 1.400l3.300 3.300a1 1 0 0 0 1.400 0l4.600-4.600zM5.500 2l4 4M2.500 8h8.600M13.600 10.500s-1.100 1.300-1.100 2a1.100 1.100 0 0 0 2.200 0c0-.7-1.100-2-1.100-2z",
  pick: "M2.500 3.500h7M2.500 6.500h5M2.500 9.500h3M9 7.500l5 2-2.200.9-.9 2.300z",
  lock: "M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500",
  unlocked: "M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 0 1 4.800-1",
  bin: "M3 4.5h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.800l.6-9M7 7v4M9 7v4",
  categories: "M2.5 2.5h4.600l6.400 6.400-4.600 4.600-6.400-6.400zM5 5h.01",
  import: "M9 2.5H3.5v11h9V6zM9 2.5V6h3.5M8 7.5v4M6 9.5h4",
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
