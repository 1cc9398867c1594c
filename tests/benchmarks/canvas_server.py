"""The server that the canvas is measured on, in a process of its own: it tells when it holds a mask, and its memory."""

import json
import multiprocessing
import resource
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from app.open_picture import OpenPicture
from app.opening import Source
from core.document import Step
from tests.e2e.drawn_models import tiles_prediction
from tests.e2e.drawn_studio import drawn_file, running_drawn_studio
from tests.e2e.studio import Studio

Picture = tuple[int, int, int]  # height, width, segments


@dataclass(frozen=True)
class Server:
    """What is asked of the other process."""

    url: str
    _pipe: Connection

    def held(self, document_id: str) -> list[float]:
        """When each edit of a picture was durable and in its label map, milliseconds since 1970; asked once."""
        return self._ask("held", document_id)

    def peak_mebibytes(self) -> float:
        """The most memory that the process has had."""
        return self._ask("peak")

    def pictures_for(self, people: int) -> list[tuple[str, str]]:
        """Cookies of that many people, and the id of the picture that each has open."""
        return self._ask("pictures_for", people)

    def component_id(self) -> int:
        """Gradio's number of the workbench."""
        with urllib.request.urlopen(f"{self.url}config") as answer:
            components = json.load(answer)["components"]
        return next(row["id"] for row in components if row["props"].get("name") == "workbench")

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._pipe.send((name, arguments))
        return self._pipe.recv()


@contextmanager
def running_server(picture: Picture) -> Iterator[Server]:
    """Its model has drawn what it sees in a picture of this size: the time for that is no part of opening one."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, picture))
    process.start()
    try:
        yield Server(here.recv(), here)
    finally:
        here.send(("end", ()))
        process.join()


def _serve(pipe: Connection, picture: Picture) -> None:
    height, width, segments = picture
    held: dict[str, list[float]] = defaultdict(list)
    take = OpenPicture.take

    def noted(self: OpenPicture, step: Step, edit_id: str) -> None:
        take(self, step, edit_id)
        held[self.document_id].append(1000 * time.time())

    OpenPicture.take = noted  # type: ignore[method-assign]
    with running_drawn_studio(partial(tiles_prediction, count=segments)) as studio:
        studio.services.opening.models.predictor("drawn").predict(np.zeros((height, width, 3), np.uint8))
        answers = {
            "held": lambda document_id: held.pop(document_id, []),
            "peak": lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "pictures_for": lambda people: [_opened(studio, (height, width)) for _ in range(people)],
        }
        pipe.send(studio.url)
        while (asked := pipe.recv())[0] != "end":
            pipe.send(answers[asked[0]](*asked[1]))


def _opened(studio: Studio, size_hw: tuple[int, int]) -> tuple[str, str]:
    services = studio.services
    cookie = services.owners.new_cookie()
    owner = services.owners.owner_of(cookie)
    picture = services.opening.open(Source("street.jpg", drawn_file(size_hw, "street.jpg")), owner, "drawn")
    return f"{services.owners.cookie_name}={cookie}", services.pictures.add(picture)
