// Talking to Python: two methods (the other: ModelWork), binary form, JSON replies. Bytes travel as base64 of deflated arrays.

/** What the person is told when a request failed: one sentence, and why, where that decides what to do next. */
class Refusal extends Error {
  /**
   * @param reasons {stale: ours is not the newest version, unwritten: the disk did not take it, unreachable: no answer,
   *   unprepared: a network has to run first}
   */
  constructor(sentence, { stale = false, unwritten = false, unreachable = false, unprepared = false } = {}) {
    super(sentence);
    Object.assign(this, { stale, unwritten, unreachable, unprepared });
  }
}

const UNREACHABLE = { unreachable: true };
const FEW_BYTES = 1 << 16; // as many travel as text: a file takes the browser and the server longer to handle

/** ask(name, fields, file: a Blob, or bytes) resolves to the reply or throws a Refusal. */
function createAsk(server) {
  return async (name, fields = {}, file = null) => {
    const data = { meta: JSON.stringify({ ...fields, name, language: language.code }) };
    if (file instanceof Uint8Array && file.length <= FEW_BYTES) data.bytes = base64Of(file);
    else if (file) data.file = file instanceof Blob ? file : new Blob([file]);
    const reply = await server.ask({ binary: true, data });
    if (!reply) throw new Refusal(say(name === "offer" ? "app.error.upload" : "app.error.unreachable"), UNREACHABLE);
    if (!reply.ok) throw new Refusal(reply.error, reply);
    return reply;
  };
}

function base64Of(bytes) {
  if (bytes.toBase64) return bytes.toBase64();
  const pieces = [];
  for (let i = 0; i < bytes.length; i += 8192) pieces.push(String.fromCharCode(...bytes.subarray(i, i + 8192)));
  return btoa(pieces.join(""));
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

async function inflate(base64) {
  return passed(bytesOf(base64), new DecompressionStream("deflate"));
}

/** What comes out of a stream into which bytes are put. */
function passed(bytes, { readable, writable }) {
  const writer = writable.getWriter();
  writer.write(bytes).catch(() => null); // what is wrong with them the reader tells, too
  writer.close().catch(() => null);
  return new Response(readable).arrayBuffer();
}

/** Little-endian labels of one or two bytes a pixel, told apart by their number. */
async function inflateLabels(base64, pixels) {
  const buffer = await inflate(base64);
  if (buffer.byteLength === 2 * pixels) return new Uint16Array(buffer);
  if (buffer.byteLength === pixels) return new Uint8Array(buffer);
  throw new Refusal(say("app.error.reply"));
}

function blobAddress(base64, type) {
  return URL.createObjectURL(new Blob([bytesOf(base64)], { type }));
}

/** Saves bytes under a name, straight from memory. */
function saveFile(name, base64, type) {
  const address = blobAddress(base64, type);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
