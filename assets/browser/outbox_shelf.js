// What the server has not acknowledged yet, kept in the browser's own database, so that a reload loses nothing.

const SHELF = { name: "maskformer-studio", store: "unsent" };

class OutboxShelf {
  constructor() {
    this.opening = null;
  }

  /** The database; null where the browser has none to give (then edits live as long as the page). */
  open() {
    this.opening ??= new Promise((resolve) => {
      const request = indexedDB.open(SHELF.name, 1);
      request.onupgradeneeded = () => {
        const rows = request.result.createObjectStore(SHELF.store, { keyPath: "place", autoIncrement: true });
        rows.createIndex("document", "document");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    }).catch(() => null);
    return this.opening;
  }

  /** @param letter {document, editId, name, fields, file, makes}; gets its `place` in the order of sending */
  async keep(letter) {
    letter.file = await letter.file;
    letter.place ??= await this.ask("readwrite", (rows) => rows.add(rowOf(letter)));
  }

  /** Other fields for a letter that is kept. */
  async amend(letter) {
    await letter.kept;
    const row = { ...rowOf(letter), place: letter.place };
    if (letter.place !== undefined) await this.ask("readwrite", (rows) => rows.put(row));
  }

  async drop(letter) {
    await letter.kept;
    if (letter.place !== undefined) await this.ask("readwrite", (rows) => rows.delete(letter.place));
  }

  /** The letters about a document, oldest first. */
  async of(document) {
    return (await this.ask("readonly", (rows) => rows.index("document").getAll(document))) ?? [];
  }

  /** The result of one request; undefined where it fails. */
  async ask(mode, wish) {
    const database = await this.open();
    if (!database) return undefined;
    return new Promise((resolve) => {
      const transaction = database.transaction(SHELF.store, mode);
      const request = wish(transaction.objectStore(SHELF.store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => resolve(undefined);
      transaction.onabort = () => resolve(undefined);
    });
  }
}

function rowOf({ document, editId, name, fields, file, makes }) {
  return { document, editId, name, fields, file, makes };
}
