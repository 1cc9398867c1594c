// Work that stands in the server's queue, above all what clicks lead to: begun by the event "work", and its answer asked
// for at the same time, under the same ticket. The server changes nothing for it.

class ModelWork {
  constructor(studio, trigger, server) {
    Object.assign(this, { studio, trigger, server });
  }

  /** Resolves to the reply about the open document, or throws a Refusal. */
  async ask(name, fields = {}) {
    const ticket = uniqueId("work");
    const spoken = { language: language.code };
    this.trigger("work", { ...fields, ...spoken, name, ticket, document: this.studio.document.id });
    const meta = JSON.stringify({ name: "worked", ticket, ...spoken });
    const reply = await this.server.worked({ binary: true, data: { meta } });
    if (!reply) throw new Refusal(say("app.error.unreachable"), UNREACHABLE);
    if (!reply.ok) throw new Refusal(reply.error, reply);
    return reply;
  }
}
