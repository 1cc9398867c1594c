// Work that takes its turn on the server, above all what clicks lead to. The server changes nothing for it.

class ModelWork {
  constructor(studio, server) {
    Object.assign(this, { studio, server });
  }

  /** Resolves to the reply about the open document, or throws a Refusal. */
  async ask(name, fields = {}) {
    const meta = { ...fields, name, language: language.code, document: this.studio.document.id };
    const reply = await this.server.work({ binary: true, data: { meta: JSON.stringify(meta) } });
    if (!reply) throw new Refusal(say("app.error.unreachable"), UNREACHABLE);
    for (const sentence of reply.news ?? []) this.studio.notices.tell(sentence);
    if (!reply.ok) throw new Refusal(reply.error, reply);
    return reply;
  }
}
