// Building elements. Text enters the page as text nodes only, never as markup; words follow the language.

/**
 * make("button", { class: "quiet", title, on: { click } }, "text", child, ...)
 * Properties: class, on (listeners), style (custom properties), data (dataset); the rest are attributes.
 */
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) setProperty(node, name, value);
  const present = children.flat().filter((child) => child !== null && child !== undefined);
  node.append(...present.map((child) => (child instanceof Words ? textOf(child) : child)));
  return node;
}

function setProperty(node, name, value) {
  if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (name === "style") for (const [rule, setting] of Object.entries(value)) node.style.setProperty(rule, setting);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) setWords(node, name, value);
}

/** A button that never submits; `press` runs on click. */
function button(properties, press, ...children) {
  return make("button", { type: "button", ...properties, on: { click: press } }, ...children);
}

function iconButton(name, label, press, properties = {}) {
  return button({ class: "icon-button", "aria-label": label, title: label, ...properties }, press, icon(name));
}

/** A pressed/unpressed button; answers with the node, whose state follows `aria-pressed`. */
function toggle(label, pressed, change, properties = {}) {
  const node = button({ class: "toggle", "aria-pressed": String(pressed), ...properties }, () => {
    const next = node.getAttribute("aria-pressed") !== "true";
    node.setAttribute("aria-pressed", String(next));
    change(next);
  }, label);
  return node;
}

/** A labelled native select; `choices` are [value, text] pairs. */
function picker(label, choices, change, properties = {}) {
  const options = choices.map(([value, words]) => make("option", { value }, words));
  const select = make("select", { on: { change: () => change(select.value) }, "aria-label": label, ...properties },
    options);
  return select;
}

function kbd(keys) {
  return make("kbd", { "aria-hidden": "true" }, keys);
}

function dot(color) {
  return make("span", { class: "dot", "aria-hidden": "true", style: { "--dot": color } });
}

/** Unique within the page, so that two mounts never share an id. */
function uniqueId(stem) {
  return `${stem}-${Math.random().toString(36).slice(2, 10)}`;
}

function isTextField(node) {
  const typed = ["text", "search", "number", "email", "url", "password"];
  return node.isContentEditable || node.matches("textarea, select")
    || (node.matches("input") && typed.includes(node.type));
}
