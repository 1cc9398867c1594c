// The button that says which model is in use and opens the menu; while a download runs it shows how far it is.

function createModelButton(studio, models, press, testid) {
  const title = make("span", { class: "model-button-title" });
  const data = make("span", { class: "model-button-data" });
  const badge = perPixelBadge({ hidden: true });
  const node = button({ class: "model-button", "aria-haspopup": "dialog", data: { testid } }, press,
    title, data, badge, icon("chevron"));
  const follow = () => {
    const { current, download, share } = models;
    write(title, (current && modelWords(current, "title")) || current?.name || say("app.model.label"));
    write(data, (current && modelWords(current, "data")) ?? "");
    badge.hidden = !current?.per_pixel;
    const license = (current && modelWords(current, "license")) || say("app.model.no_license");
    setWords(node, "title", say("app.model.button", { license }));
    node.toggleAttribute("data-loading", download !== null);
    node.style.setProperty("--share", String(share ?? 0));
  };
  studio.on("models", follow);
  follow();
  return node;
}
