// Words in nodes. When the person takes another language, every node says its words again, in the page or out of it.

const TEXT = ""; // the place of a text node's words; all other places are attributes
const spokenPlaces = new WeakMap(); // node -> Map(place -> Words)
let spokenNodes = []; // weak references: what the page drops is dropped here, too
let mostSpokenNodes = 4096; // more of them are looked through for those that are gone

/** Puts words, or plain text, into an attribute. */
function setWords(node, attribute, words) {
  keepWords(node, attribute, words);
  putWords(node, attribute, words);
}

/** Puts words, or plain text, into a node as all that it says; the same again would be painted again. */
function write(node, words) {
  if (node.childNodes.length !== 1 || !(node.firstChild instanceof Text)) {
    node.replaceChildren(document.createTextNode(""));
  }
  keepWords(node.firstChild, TEXT, words);
  putWords(node.firstChild, TEXT, words);
}

/** A text node that says words. */
function textOf(words) {
  const node = document.createTextNode(words);
  keepWords(node, TEXT, words);
  return node;
}

function keepWords(node, place, words) {
  const places = spokenPlaces.get(node);
  if (!(words instanceof Words)) places?.delete(place);
  else if (places) places.set(place, words);
  else {
    spokenPlaces.set(node, new Map([[place, words]]));
    if (spokenNodes.length >= mostSpokenNodes) forgetGoneNodes();
    spokenNodes.push(new WeakRef(node));
  }
}

function putWords(node, place, words) {
  const said = String(words);
  if (place !== TEXT) node.setAttribute(place, said);
  else if (node.data !== said) node.data = said;
}

function forgetGoneNodes() {
  spokenNodes = spokenNodes.filter((reference) => reference.deref() !== undefined);
  mostSpokenNodes = Math.max(4096, 2 * spokenNodes.length);
}

language.onChange(() => {
  forgetGoneNodes();
  for (const reference of spokenNodes) {
    const node = reference.deref();
    for (const [place, words] of spokenPlaces.get(node) ?? []) putWords(node, place, words);
  }
});
