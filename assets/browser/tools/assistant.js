// The assistant's pass: what corrections say about untouched segments, shown as a difference and taken over on a yes.

/** Asks for it and shows it; where there is none, the person is told. */
function askAssistant({ studio, edits, offer }) {
  edits.after(() => studio.during(async () => {
    const { document, state: { version } } = studio;
    const { box_xyxy: box, labels: packed } = await studio.request("assist");
    if (studio.document !== document) return;
    if (!packed) return void studio.notices.tell(say("app.assist.none"));
    const mask = differences(await inflateLabels(packed, areaOf(box)), studio.labelMap.read(box));
    const count = mask.reduce((sum, differs) => sum + differs, 0);
    offer.show(say("app.assist.at", { count }), [ghost(box, mask, ACCENT, true)], {
      take: () => {
        offer.close();
        if (studio.state.version !== version) return void askAssistant({ studio, edits, offer });
        edits.edit({ kind: "adopt", box_xyxy: box }, { file: bytesOf(packed) });
      },
      refuse: () => offer.close(),
    });
  }));
}
