"""What a run tells as it goes: JSON lines, tables for a spreadsheet, and TensorBoard where it is installed."""

import csv
import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOG_FILE = "log.jsonl"
TABLES = {"step": "losses.csv", "validation": "validation.csv"}  # of the rows of each kind
BOARD_FOLDER = "tensorboard"

Row = dict[str, Any]


class RunLog:
    """The log in a run's folder; a row has a ``kind``, a ``step`` and numbers, some in groups."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._board: Any = None

    def has_validated(self, step: int) -> bool:
        """Whether the log holds the figures of a step."""
        return any(row["kind"] == "validation" and row["step"] == step for row in read_rows(self._folder))

    def write(self, row: Row) -> None:
        """Appends a row everywhere."""
        with (self._folder / LOG_FILE).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
        self._append(row["kind"], [row])
        self._draw(row)

    def forget_after(self, step: int) -> None:
        """Drops the rows of steps that a kill undid, and a row that it cut."""
        rows = [row for row in read_rows(self._folder) if row["step"] <= step]
        if not rows and not (self._folder / LOG_FILE).exists():
            return
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self._folder / LOG_FILE).write_text(text, encoding="utf-8")
        for kind, name in TABLES.items():
            (self._folder / name).unlink(missing_ok=True)
            self._append(kind, [row for row in rows if row["kind"] == kind])
        self._board = self._open_board(purge_step=step + 1)

    def _append(self, kind: str, rows: list[Row]) -> None:
        if not rows:
            return
        path = self._folder / TABLES[kind]
        is_new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            for number, flat in enumerate(map(_flat, rows)):
                if is_new and not number:
                    writer.writerow(flat)
                writer.writerow(flat.values())

    def _draw(self, row: Row) -> None:
        self._board = self._board or self._open_board()
        if self._board is not None:
            for name, value in _flat(row).items():
                if name != "step" and value is not None:
                    self._board.add_scalar(f"{row['kind']}/{name}", value, row["step"])

    def _open_board(self, purge_step: int | None = None) -> Any:
        if find_spec("tensorboard") is None:
            return None
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(str(self._folder / BOARD_FOLDER), purge_step=purge_step)


def read_rows(folder: Path) -> list[Row]:
    """The rows of a run's log; without the last where a kill cut it."""
    path = folder / LOG_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _flat(row: Row) -> Row:
    """Without the kind; the numbers of a group are named ``group.number``."""
    return dict(_pairs(row))


def _pairs(row: Row) -> Iterable[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", number) for inner, number in value.items())
        elif name != "kind":
            yield name, value
