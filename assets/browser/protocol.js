// Talking to Python: one method, binary form, JSON replies. Bytes travel as base64 of deflated arrays.

/** What the person is told when a request failed: one sentence, and why, where that decides what to do next. */
class Refusal extends Error {
  /** @param reasons {stale: ours is not the newest version, unwritten: the disk did not take it, unreachable: no answer} */
  constructor(sentence, { stale = false, unwritten = false, unreachable = false } = {}) {
    super(sentence);
    Object.assign(this, { stale, unwritten, unreachable });
  }
}

const UNREACHABLE = { unreachable: true };

/** ask(name, fields, file) resolves to the reply or throws a Refusal. */
function createAsk(server) {
  return async (name, fields = {}, file = null) => {
    const data = { meta: JSON.stringify({ ...fields, name }) };
    if (file) data.file = file;
    const reply = await server.ask({ binary: true, data });
    if (!reply) throw new Refusal(say(name === "offer" ? "app.error.upload" : "app.error.unreachable"), UNREACHABLE);
    if (!reply.ok) throw new Refusal(reply.error, reply);
    return reply;
  };
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

async function inflate(base64) {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
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
