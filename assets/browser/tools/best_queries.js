// Which query explains each place best: asked once a picture, so that the preview under the cursor asks nobody.

class BestQueries {
  constructor(studio) {
    this.studio = studio;
    this.grid = null;
    this.parts = new QueryParts();
    this.wanted = null; // {query, point}: whose mask is shown as soon as it is here
    this.asking = false;
    studio.on("document", () => { this.grid = null; });
  }

  async load() {
    const { document } = this.studio;
    if (!document || this.grid) return;
    const reply = await this.studio.extra("best_queries").catch(() => null);
    const queries = reply && new Uint16Array(await inflate(reply.queries));
    if (queries && document === this.studio.document) this.grid = { ...reply, queries };
  }

  /** The query at a native pixel; null where none holds it, or nothing is known yet. */
  at({ x, y }) {
    if (!this.grid) return null;
    const { queries, grid_height: height, grid_width: width, scale_y: down, scale_x: across } = this.grid;
    const row = clamp(Math.floor((y + 0.5) * down), 0, height - 1);
    const column = clamp(Math.floor((x + 0.5) * across), 0, width - 1);
    return queries[row * width + column] - 1 < 0 ? null : queries[row * width + column] - 1;
  }

  /** Shows the part of a query's mask under the cursor, or none; masks come one at a time, only the last one wanted. */
  async show(query, point = null) {
    const { studio } = this;
    const detail = query === null ? null : studio.details.get(query) ?? null;
    this.wanted = query === null ? null : { query, point };
    studio.setHint(detail && query, detail && this.parts.at(detail, studio.document, point));
    if (query === null || this.asking || detail) return;
    this.asking = true;
    const { document } = studio;
    await studio.detail(query).catch(() => null);
    this.asking = false;
    if (document !== studio.document || this.wanted === null || !studio.details.has(query)) return;
    this.show(this.wanted.query, this.wanted.point);
  }
}
