"""The model card: front matter that the app shows, and the text a person reads."""

from dataclasses import dataclass
from typing import Self

FENCE = "---"


@dataclass(frozen=True, slots=True)
class Card:
    """``README.md`` beside the weights: ``key: value`` lines between two fences, then Markdown."""

    name: str
    title: str = ""
    domain: str = ""
    license: str = ""
    text: str = ""

    @classmethod
    def parse(cls, name: str, markdown: str) -> Self:
        """Reads the front matter's title, domain and license; a file without one is all text."""
        if not markdown.startswith(FENCE):
            return cls(name=name, title=name, text=markdown)
        _, front_matter, text = markdown.split(FENCE, 2)
        rows = (line.split(":", 1) for line in front_matter.splitlines() if ":" in line)
        values = {key.strip(): value.strip().strip('"') for key, value in rows}
        return cls(
            name=name,
            title=values.get("title", name),
            domain=values.get("domain", ""),
            license=values.get("license", ""),
            text=text.strip(),
        )
