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
        lines = markdown.removeprefix("\ufeff").splitlines()
        fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
        if len(fences) < 2 or fences[0] != 0:
            return cls(name=name, title=name, text=markdown)
        rows = (line.split(":", 1) for line in lines[1 : fences[1]] if ":" in line)
        values = {key.strip(): value.strip().strip("\"'") for key, value in rows}
        return cls(
            name=name,
            title=values.get("title", name),
            domain=values.get("domain", ""),
            license=values.get("license", ""),
            text="\n".join(lines[fences[1] + 1 :]).strip(),
        )

    def markdown(self) -> str:
        """The file that :meth:`parse` reads."""
        front_matter = {"title": self.title, "domain": self.domain, "license": self.license}
        rows = [f'{key}: "{value}"' for key, value in front_matter.items() if value]
        return "\n".join([FENCE, *rows, FENCE, "", self.text, ""])
