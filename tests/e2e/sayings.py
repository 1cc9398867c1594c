"""All that a page says at a moment, shown or spoken, and what of it is in another language."""

import re
from typing import Any

from core.messages import catalogue

_SAID = """() => {
  const said = new Set();
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
  const add = (words) => words?.trim() && said.add(words.trim());
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (parent.closest('script, style, [data-testid=language], #studio-card [data-testid]')) continue;
    if (isShown(parent.closest('select') ?? parent)) add(data);
  }
  for (const node of document.body.querySelectorAll('*')) {
    if (!isShown(node) || node.closest('#studio-card [data-testid]')) continue;
    for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) add(node.getAttribute(name));
  }
  return [...said];
}"""
_CUT = """() => [...document.querySelectorAll('button, summary, label, select, h1, h3, h5, th, p, .tile-badge')]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }))
  .filter((node) => !node.closest('.voice, tr, .tile-class, .label-wrap, .pair'))
  .filter((node) => /[\\u4e00-\\u9fff]/.test(node.textContent) && getComputedStyle(node).display !== 'inline')
  .filter((node) => node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)
  .map((node) => [node.tagName, node.textContent, node.scrollWidth, node.clientWidth, node.scrollHeight,
    node.clientHeight].join(' '))"""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def said(page: Any) -> list[str]:
    """Every text and every spoken name on screen, but for the model's card and the menu of languages."""
    words: list[str] = page.evaluate(_SAID)
    assert len(words) > 3
    return words


def cut_words(page: Any) -> list[str]:
    """Chinese words that do not fit into what holds them."""
    cut: list[str] = page.evaluate(_CUT)
    return cut


def english(page: Any, names: set[str]) -> list[str]:
    """What a page says in Chinese that has English in it.

    Words in Latin letters may stand in Chinese sentences of the catalogue, or in ``names``: of classes, files, models.
    """
    first, second = catalogue("en"), catalogue("zh")
    known = _latin(" ".join((*(second[key] for key in second if key.startswith("app.")), *names, "px Tab SVG CSV")))
    patterns = [
        _pattern(words)
        for key, words in first.items()
        if key.startswith("app.") and second.get(key) != words and re.sub(r"\{\w+\}", "", words).strip(" ·:.")
    ]
    texts = [text for text in said(page) if re.sub(r" \(\d+\)$", "", text) not in names]  # of a class, its number
    return [text for text in texts if _latin(text) - known or any(p.fullmatch(text) for p in patterns)]


def chinese(page: Any) -> list[str]:
    """What a page says with Chinese characters."""
    return [text for text in said(page) if _HAN.search(text)]


def _latin(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text) if not _HAN.search(word)}


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(r"[^\u4e00-\u9fff]+".join(map(re.escape, re.split(r"\{\w+\}", sentence))))
