"""More people who paint at once, each in a picture of their own, over HTTP as the page does it."""

import http.client
import json
import multiprocessing
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

import numpy as np

from tests.benchmarks.canvas_server import Server

LONGEST_PAUSE = 0.6  # seconds between an answer and the next stroke; the shortest is none
DIAMETER = 100


@contextmanager
def painting_crowd(server: Server, people: int, size_hw: tuple[int, int]) -> Iterator[list[float]]:
    """Paints until the block ends; fills the list with how long the answers took, in milliseconds."""
    milliseconds: list[float] = []
    if people == 0:
        yield milliseconds
        return
    here, there = multiprocessing.get_context("spawn").Pipe()
    arguments = (there, server.url, server.component_id(), server.pictures_for(people), size_hw)
    process = multiprocessing.get_context("spawn").Process(target=_crowd, args=arguments)
    process.start()
    here.recv()
    try:
        yield milliseconds
    finally:
        here.send("end")
        milliseconds += here.recv()
        process.join()


def _crowd(
    pipe: Connection, url: str, component_id: int, pictures: list[tuple[str, str]], size_hw: tuple[int, int]
) -> None:
    done, taken = threading.Event(), list[float]()
    people = [
        threading.Thread(target=_paint, args=(url, component_id, cookie, document, size_hw, done, taken))
        for cookie, document in pictures
    ]
    for person in people:
        person.start()
    pipe.send("painting")
    pipe.recv()
    done.set()
    for person in people:
        person.join()
    pipe.send(taken)


def _paint(
    url: str,
    component_id: int,
    cookie: str,
    document: str,
    size_hw: tuple[int, int],
    done: threading.Event,
    taken: list[float],
) -> None:
    """Strokes, one after the other, each on the version that the last answer told of."""
    chance, version = random.Random(document), 0
    address = urlsplit(url)
    server = http.client.HTTPConnection(address.hostname or "", address.port)
    while not done.wait(chance.uniform(0, LONGEST_PAUSE)):
        x, y = (chance.randrange(side - DIAMETER) for side in size_hw[::-1])
        edit = {"kind": "paint", "segment_id": chance.randint(1, 50), "runs": RUNS}
        edit["box_xyxy"] = [x, y, x + DIAMETER, y + DIAMETER]
        meta = {"name": "edit", "document": document, "version": version, "edit": edit, "edit_id": uuid.uuid4().hex}
        fields = {"meta": json.dumps(meta), "component_id": component_id, "fn_name": "ask", "session_hash": document}
        start = time.perf_counter()
        reply = _posted(server, fields, cookie)
        taken.append(1000 * (time.perf_counter() - start))
        assert reply["ok"], reply
        version = reply["version"]


def _posted(server: http.client.HTTPConnection, fields: dict[str, object], cookie: str) -> dict[str, int]:
    """The answer to a form, sent as a browser sends it."""
    mark = uuid.uuid4().hex
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Cookie": cookie}
    server.request("POST", "/gradio_api/component_server/", "".join([*parts, f"--{mark}--\r\n"]), headers)
    reply: dict[str, int] = json.loads(server.getresponse().read())
    return reply


def _runs_of_a_disc(diameter: int) -> list[int]:
    y, x = np.indices((diameter, diameter)) - (diameter - 1) / 2
    disc = (x**2 + y**2 <= (diameter / 2) ** 2).ravel()
    edges = np.flatnonzero(np.diff(disc)) + 1
    return [int(length) for length in np.diff([0, *edges, disc.size])]


RUNS = _runs_of_a_disc(DIAMETER)
