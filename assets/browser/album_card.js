// One picture of the album: its thumbnail opens it; beside the name a pencil and a bin.

function createAlbumCard(album, row) {
  const open = button({ class: "album-open", disabled: album.isOpen(row), data: { testid: `album-open-${row.picture}` },
    "aria-label": say("app.album.open", { name: row.name }) }, () => album.open(row),
  make("img", { src: blobAddress(row.thumbnail, "image/webp"), alt: "", loading: "lazy" }));
  const name = make("span", { class: "album-name", title: row.name }, row.name);
  const pencil = iconButton("edited", say("app.album.rename", { name: row.name }), () => edit(),
    { "data-testid": `album-rename-${row.picture}` });
  const bin = iconButton("bin", say("app.album.remove", { name: row.name }), () => album.remove(row),
    { "data-testid": `album-remove-${row.picture}`, disabled: album.isOpen(row) });
  const line = make("div", { class: "album-line" }, name, pencil, bin);
  const edit = () => line.replaceChildren(...createNameField(album, row));
  return make("li", { class: "album-card", "aria-current": album.isOpen(row) ? "true" : null }, open, line,
    make("p", { class: "quiet album-facts" }, factsOf(album, row)),
    make("p", { class: "quiet album-facts" }, moment(row.changed)));
}

function factsOf(album, row) {
  const reviewed = row.segments > 0 ? row.reviewed / row.segments : 0;
  const words = [say("app.album.segments", { count: row.segments })];
  if (row.reviewed > 0) words.push(say("app.album.reviewed", { share: wholePercentage(reviewed) }));
  if (album.isOpen(row)) words.push(say("app.album.is_open"));
  return joined(words, " · ");
}

/** The name as a field: Enter or leaving it keeps what it says, Escape does not. */
function createNameField(album, row) {
  const label = say("app.album.rename", { name: row.name });
  let settled = false;
  const settle = (keep) => {
    const to = field.value.trim();
    if (settled) return;
    settled = true;
    if (keep && to && to !== row.name) album.rename(row, to);
    else album.show();
  };
  const field = make("input", { type: "text", class: "field", maxlength: "200", "aria-label": label,
    "data-testid": `album-name-${row.picture}`, on: {
      blur: () => settle(true),
      keydown: (event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        settle(event.key === "Enter");
      },
    } });
  field.value = row.name;
  requestAnimationFrame(() => (field.focus(), field.select()));
  return [field];
}
