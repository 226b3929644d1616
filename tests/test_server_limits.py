"""What the server refuses, and that others are served: without a server."""

import asyncio
import json
import math
import pickle
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from facemtl.detection.detector import FaceDetector
from facemtl.detection.found import Found
from facemtl.errors import InputError
from facemtl.export.apps.server import bodies, guard
from facemtl.export.apps.server.checks import paths_of, wrong_body
from facemtl.export.apps.server.connections import impatient
from facemtl.export.apps.server.guard import Guard
from facemtl.export.apps.server.lanes import Lane
from facemtl.export.apps.server.limits import Limits, Refused, limits_from
from facemtl.export.apps.server.messages import by_name, read_photo
from facemtl.export.apps.server.pixels import (
    LimitedDetector,
    TooManyFaces,
    pixels_of,
)
from facemtl.export.apps.server.result import attack_markdown
from facemtl.export.apps.server.tensors import check_tensors, read_boxes

FOLDER = Path(__file__).parent.parent / "export/apps/server"
AFTER, BEFORE = (
    json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    for name in ("attacks", "attacks_before")
)
INFER = "/v2/models/faces/infer"
PATHS = paths_of(["faces"])


def tensor(data, shape, datatype="FP32", name="boxes"):
    return SimpleNamespace(
        name=name, data=data, shape=shape, datatype=datatype, parameters=None
    )


class Asked:
    """A request by ASGI, in parts, and what came back."""

    def __init__(self, *parts, path=INFER, headers=(), wait=0.0):
        self.scope = {"type": "http", "path": path, "headers": list(headers)}
        self.parts = list(parts)
        self.wait = wait
        self.received = 0
        self.sent = []

    async def receive(self):
        if not self.parts:
            await asyncio.sleep(self.wait)
            return {"type": "http.disconnect"}
        body = self.parts.pop(0)
        self.received += len(body)
        more = bool(self.parts) or self.wait > 0
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None

    @property
    def error(self):
        assert dict(self.sent[0]["headers"])[b"connection"] == b"close"
        assert not self.sent[-1].get("more_body")
        body = b"".join(x.get("body", b"") for x in self.sent[1:])
        line = json.loads(body)["error"]
        assert "\n" not in line and line.startswith("Expected")
        return line


async def echo(scope, receive, send):
    """An application that says how many bytes it got."""
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    said = str(len(message["body"])).encode()
    await send({"type": "http.response.body", "body": said})


def served(asked, app=echo, limits=None):
    """What a guarded application makes of a request."""
    guarded = Guard(app, limits or Limits(), PATHS)
    asyncio.run(guarded(asked.scope, asked.receive, asked.send))
    return asked


def test_a_request_within_the_limits_is_passed_on_whole():
    asked = served(Asked(b"[1,", b"2", b"]"))
    assert asked.status == 200
    assert asked.sent[1]["body"] == b"5"


@pytest.mark.parametrize(
    "path, status, words",
    [
        ("/v2/repository/index", 403, "repository: they are off"),
        ("/v2/repository/models/faces/unload", 403, "repository"),
        ("/v2/docs", 404, "another host"),
        ("/v2/models/faces/docs", 404, "another host"),
        ("/docs", 404, "another host"),
        ("/v2/models/faces/infer_stream", 404, "stream"),
        ("/v2/models/faces/generate_stream", 404, "stream"),
        ("/v2/models/other/infer", 404, "not found"),
        ("/v2/models/faces/versions/7/infer", 404, "not found"),
    ],
)
def test_calls_that_are_off_are_told(path, status, words):
    asked = served(Asked(b"{}", path=path))
    assert asked.status == status
    assert words in asked.error


@pytest.mark.parametrize(
    "asked, status, words",
    [
        (Asked(b"x" * 700_000, b"x" * 700_000), 413, "at most 1 MB"),
        (
            Asked(headers=[(b"content-length", b"1000000000")]),
            413,
            "Received: 1,000.0 MB",
        ),
        (Asked(b"1," * 5000), 413, "commas and brackets"),
        (Asked(b"[" * 5000), 413, "commas and brackets"),
        (
            Asked(
                headers=[
                    (b"content-encoding", b"GZip"),
                    (b"content-encoding", b"identity"),
                ]
            ),
            415,
            "not compressed. Received: 'gzip'",
        ),
    ],
    ids=["large", "declared", "values", "nesting", "packed"],
)
def test_too_much_is_refused_before_it_is_parsed(asked, status, words):
    async def never(*_):
        raise AssertionError("The application was called.")

    served(asked, never, Limits(body_mb=1, faces=100))
    assert asked.status == status
    assert words in asked.error


def test_an_endless_body_is_not_kept(monkeypatch):
    monkeypatch.setattr(guard, "LINGER", 0.2)
    asked = Asked(*[b"x" * 100_000] * 30)
    held = []

    class Watched(bodies.Bodies):
        def hold(self):
            held.append(super().hold())
            return held[-1]

    monkeypatch.setattr(guard, "Bodies", Watched)
    served(asked, limits=Limits(body_mb=1))
    assert asked.status == 413
    assert held[0]._bodies.large == 0 and not held[0].whole


def test_half_a_body_is_refused_after_a_time(monkeypatch):
    monkeypatch.setattr(guard, "LINGER", 0.1)
    start = time.monotonic()
    asked = served(Asked(b"{", wait=60), limits=Limits(body_seconds=1))
    assert asked.status == 408
    assert "within 1 s" in asked.error
    assert time.monotonic() - start < 5


def test_a_client_that_goes_leaves_nothing():
    asked = Asked(b"{", wait=0.01)
    served(asked)
    assert asked.sent == []


def test_what_takes_too_long_is_told_and_still_counted():
    over = asyncio.Event()
    working = []

    async def slow(scope, receive, send):
        await over.wait()
        await echo(scope, receive, send)

    async def both():
        guarded = Guard(slow, Limits(seconds=1, requests=1), PATHS)
        first, second, third = Asked(b"1"), Asked(b"2"), Asked(b"3")
        await guarded(first.scope, first.receive, first.send)
        working.append(guarded._bodies.working)
        await guarded(second.scope, second.receive, second.send)
        over.set()
        await asyncio.sleep(0.05)
        working.append(guarded._bodies.working)
        await guarded(third.scope, third.receive, third.send)
        return first, second, third

    first, second, third = asyncio.run(both())
    assert (first.status, second.status, third.status) == (429, 429, 200)
    assert "within 1 s" in first.error
    assert "at most 1 requests at a time" in second.error
    assert dict(second.sent[0]["headers"])[b"retry-after"] == b"1"
    assert working == [1, 0]


def test_large_requests_share_a_limit_and_leave_small_ones_alone():
    limits = Limits(body_mb=1, bodies_mb=1)
    large, small = b"x" * 900_000, b"x" * 1000

    async def filled():
        guarded = Guard(waiting, limits, PATHS)
        first, second, third = Asked(large), Asked(large), Asked(small)
        task = asyncio.ensure_future(
            guarded(first.scope, first.receive, first.send)
        )
        await asyncio.sleep(0.05)
        await guarded(second.scope, second.receive, second.send)
        await guarded(third.scope, third.receive, third.send)
        over.set()
        await task
        return first, second, third, guarded._bodies.large

    over = asyncio.Event()

    async def waiting(scope, receive, send):
        message = await receive()
        if len(message["body"]) > 10_000:
            await over.wait()
        send_start = {"type": "http.response.start", "status": 200}
        await send({**send_start, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    first, second, third, held = asyncio.run(filled())
    assert (first.status, second.status, third.status) == (200, 429, 200)
    assert "1 MB of large requests at a time" in second.error
    assert held == 0


def test_a_failing_application_gives_back_what_it_held():
    async def fails(*_):
        raise RuntimeError("of the application")

    guarded = Guard(fails, Limits(), PATHS)
    asked = Asked(b"x" * 500_000)
    with pytest.raises(RuntimeError, match="of the application"):
        asyncio.run(guarded(asked.scope, asked.receive, asked.send))
    assert (guarded._bodies.large, guarded._bodies.working) == (0, 0)


class Transport:
    def __init__(self, protocol):
        self.protocol = protocol
        self.written = b""
        self.closed = False

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True
        self.protocol.connection_lost(None)


class Protocol:
    """What `Impatient` needs of uvicorn's protocol: a line is a head."""

    all: set = set()

    def __init__(self):
        self.connections = self.all
        self.cycle = None
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport):
        self.transport = transport
        self.connections.add(self)

    def data_received(self, data):
        if b"\n" in data:
            more = not data.endswith(b"\n\n")
            self.cycle = SimpleNamespace(response_complete=False)
            self.cycle.more_body = more

    def connection_lost(self, exc):
        self.connections.discard(self)


def connections(most, *data, seconds=0.05):
    """Connections that sent something, some time later."""

    async def opened():
        Protocol.all = set()
        kind = impatient(Protocol, seconds, most)
        made = []
        for sent in data:
            protocol = kind()
            transport = Transport(protocol)
            protocol.connection_made(transport)
            if sent:
                protocol.data_received(sent)
            made.append(transport)
        at_once = [x.closed for x in made]
        await asyncio.sleep(1.3)
        return at_once, made, len(kind.unfinished)

    return asyncio.run(opened())


def test_connections_without_a_request_are_closed():
    at_once, made, left = connections(9, b"", b"GET", b"POST\n{", b"GET\n\n")
    assert at_once == [False] * 4
    assert [x.closed for x in made] == [True, True, False, False]
    for transport in made[:2]:
        assert transport.written.startswith(b"HTTP/1.1 408 ")
        error = json.loads(transport.written.rpartition(b"\r\n\r\n")[2])
        assert error["error"].startswith("Expected a request.")
    # The half body is the guard's to refuse.
    assert left == 1


def test_the_oldest_unfinished_connection_makes_place():
    at_once, _, _ = connections(2, b"GET\n\n", b"", b"POST\n{", b"", seconds=9)
    # The first is worked on: it stays.
    assert at_once == [False, True, True, False]


def test_what_is_no_http_is_told_once():
    async def sent():
        kind = impatient(Protocol, 9, 9)
        protocol = kind()
        transport = Transport(protocol)
        protocol.connection_made(transport)
        protocol.send_400_response("Invalid HTTP request received.")
        protocol.data_received(b"GET\n\n")
        await asyncio.sleep(1.1)
        return transport, protocol.cycle

    transport, cycle = asyncio.run(sent())
    assert transport.written.count(b"HTTP/1.1 400 Bad Request") == 1
    assert transport.closed and cycle is None


def test_a_lane_refuses_what_would_wait_too_long(monkeypatch):
    over, now = threading.Event(), 0.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("facemtl.export.apps.server.lanes.time", clock)

    async def filled():
        nonlocal now
        lane = Lane(threads=1, waiting=1, seconds=0.05)
        begun = threading.Event()
        first = asyncio.ensure_future(
            lane.run(lambda: begun.set() or over.wait(30))
        )
        await asyncio.to_thread(begun.wait, 30)
        second = asyncio.ensure_future(lane.run(int, "7"))
        await asyncio.sleep(0)
        now = 0.2
        with pytest.raises(Refused, match="than can wait") as third:
            await lane.run(int, "8")
        over.set()
        assert await first
        with pytest.raises(Refused) as late:
            await second
        assert await lane.run(int, "9") == 9
        return third.value.status, late.value.status

    assert asyncio.run(filled()) == (429, 429)


@pytest.mark.parametrize(
    "given, words",
    [
        ({"FACEMTL_MAX_FACES": "many"}, "FACEMTL_MAX_FACES to be a whole"),
        ({"FACEMTL_MAX_FACES": "1.5"}, "whole number. Received: '1.5'"),
        ({"FACEMTL_MAX_FACES": "1_0"}, "Received: '1_0'"),
        ({"FACEMTL_MAX_SECONDS": "\u0663"}, "to be a number"),
        ({"FACEMTL_MAX_BODY_MB": "0"}, "of 1 or more. Received: 0"),
        ({"FACEMTL_MAX_SECONDS": "nan"}, "Received: nan"),
        ({"FACEMTL_MAX_SECONDS": "inf"}, "Received: inf"),
        ({"FACEMTL_MAX_REQUESTS": "-3"}, "Received: -3"),
    ],
)
def test_a_limit_that_is_none_is_told(given, words):
    with pytest.raises(InputError, match=words):
        limits_from(given)


def test_limits_are_set_by_the_environment():
    limits = limits_from({"FACEMTL_MAX_BODY_MB": "3", "FACEMTL_MODEL": "base"})
    assert limits == Limits(body_mb=3)
    assert limits.body == 3_000_000
    assert limits_from({"FACEMTL_MAX_SECONDS": "2.5"}).seconds == 2.5


def test_every_limit_and_its_default_are_in_the_readme():
    text = (FOLDER / "README.md").read_text("utf-8")
    for name, value in vars(Limits()).items():
        assert f"| `FACEMTL_MAX_{name.upper()}` | {value:g} |" in text


def test_a_refusal_can_be_sent_between_processes():
    refused = pickle.loads(pickle.dumps(Refused(413, "Expected less.")))
    assert (refused.status, str(refused)) == (413, "Expected less.")


@pytest.mark.parametrize(
    "given, words",
    [
        (tensor([0, 0, 1e308, 1e308], [1, 4]), r"below 10,000,000.*1e\+308"),
        (tensor([0, 0, math.inf, 9], [1, 4]), "finite"),
        (tensor([0, 0, math.nan, 9], [1, 4]), "finite"),
        (tensor([0, 0, -1e7, 9], [1, 4]), "below 10,000,000"),
        (tensor([0, 0, 10**400, 9], [1, 4]), "not all numbers"),
        (tensor([False, False, True, True], [1, 4]), "not all numbers"),
        (tensor(["1", "2", "3", "4"], [1, 4]), "not all numbers"),
        (tensor([1, 2, 3, None], [1, 4]), "not all numbers"),
        (tensor([1, 2, 3, 4], [1, 4], "BYTES"), "FP32"),
        (tensor([1, 2, 3, 4], [1, 4], "BOOL"), "FP32"),
        (tensor([1, 2, 3, 4], [-1, 4]), r"shape \[-1, 4\]"),
        (tensor([1, 2, 3, 4], [2, 2]), r"shape \[2, 2\]"),
        (tensor([1, 2, 3, 4], [4]), r"shape \[4\]"),
        (tensor([1, 2, 3, 4], [2, 4]), r"shape \[2, 4\]"),
        (tensor([1, 2, 3, 4], [1, 4, 1]), r"shape \[1, 4, 1\]"),
        (tensor([1, 2, 3, 4], []), r"shape \[\]"),
        (tensor([[1, 2, 3, 4], [1, 2, 3]], [2, 4]), "FP32"),
        (tensor({"a": 1}, [1, 4]), "not all numbers"),
    ],
)
def test_boxes_that_are_none_are_told(given, words):
    with pytest.raises(InputError, match=words) as caught:
        read_boxes(given)
    assert getattr(caught.value, "status", 400) == 400
    assert len(str(caught.value)) < 300


def test_boxes_are_taken_flat_or_in_rows_up_to_a_number():
    rows = [[1.0, 2.0, 3.0, 4.0]] * 5
    for given in (rows, np.ravel(rows).tolist()):
        np.testing.assert_array_equal(
            read_boxes(tensor(given, [5, 4]), 5), rows
        )
        with pytest.raises(Refused, match="at most 4 boxes") as caught:
            read_boxes(tensor(given, [5, 4]), 4)
        assert caught.value.status == 413


@pytest.mark.parametrize(
    "shape, datatype, words",
    [
        ([7], "BYTES", r"of shape \[1\]. Received: \[7\]"),
        ([-1], "BYTES", r"Received: \[-1\]"),
        ([1], "UINT8", "Received: 1 of str, UINT8"),
    ],
)
def test_a_photo_of_another_shape_or_datatype_is_told(shape, datatype, words):
    with pytest.raises(InputError, match=words):
        read_photo(tensor(["abcd"], shape, datatype, "photo"))


def test_an_input_that_comes_twice_is_told():
    one = tensor([1], [1], name="photo")
    assert by_name([one]) == {"photo": one}
    with pytest.raises(InputError, match="2 inputs of 1 names"):
        by_name([one, one])


def test_many_or_deep_values_never_reach_the_model():
    check_tensors([tensor([[1, 2], [3, 4]], [2, 2])], 10)
    check_tensors([tensor("text", [1])], 10)
    check_tensors([tensor([1] * 10, [10])], 10)
    check_tensors([tensor([[1] * 5] * 2, [2, 5])], 10)
    deep = [tensor([[[1]]], [1]), tensor({"a": [[1]]}, [1])]
    for given in (*deep, tensor([1, {"a": 1}], [1])):
        with pytest.raises(Refused, match="lists within rows") as caught:
            check_tensors([given], 10)
        assert caught.value.status == 400
    rows = [[1] * 6] * 2
    for many in (
        [tensor([1] * 11, [11])],
        [tensor(rows, [2, 6])],
        [tensor([], [0])] * 12,
    ):
        with pytest.raises(Refused, match="at most 10 values") as caught:
            check_tensors(many, 10)
        assert caught.value.status == 413


def test_a_photo_is_measured_before_it_is_decoded():
    encode = cv2.imencode(".png", np.zeros((3000, 4000), np.uint8))[1]
    assert pixels_of(encode.tobytes(), 12) == 12_000_000
    with pytest.raises(Refused, match="4,000 x 3,000 pixels") as caught:
        pixels_of(encode.tobytes(), 11)
    assert caught.value.status == 413
    with pytest.raises(InputError, match="Expected a photo"):
        pixels_of(b"", 100)


def test_a_crowd_is_refused(monkeypatch):
    crowd = Found(np.zeros((7, 4)), np.ones(7), np.zeros(7, int))
    monkeypatch.setattr(FaceDetector, "__call__", lambda *_: crowd)
    photo = np.zeros((9, 9, 3), np.uint8)
    assert len(LimitedDetector(7)(photo)) == 7
    with pytest.raises(
        TooManyFaces, match=r"at most 6 faces.*with 7"
    ) as caught:
        LimitedDetector(6)(photo)
    assert caught.value.status == 413


def test_a_body_that_is_no_request_is_told_in_a_line():
    fault = {"loc": ("body", 18440), "ctx": {"error": "no value\nhere"}}
    assert wrong_body([fault]) == (
        "Expected JSON of the V2 protocol. Received: byte 18440: no value here."
    )
    assert "no body: Field required" in wrong_body(
        [{"loc": ("body",), "msg": "Field required"}]
    )
    many = [{"loc": ("body", "x" * 10**6), "msg": "m"}]
    assert len(wrong_body(many)) < 300


def test_it_listens_on_loopback():
    settings = json.loads((FOLDER / "models/settings.json").read_text("utf-8"))
    assert settings["host"] == "127.0.0.1"


def rows(result):
    return {row["attack"]: row for row in result["attacks"]}


def test_every_attack_of_the_committed_result_was_refused_or_served():
    for row in AFTER["attacks"]:
        assert row["unexpected"] == 0, row["attack"]
        assert row["failures"] == 0, row["attack"]
        for status in row["statuses"]:
            known = status in ("200", "OK", "closed")
            assert known or row["said"].startswith(("Expected", "SERVER"))
            assert not status.startswith("5")
    for name, result in (("attacks", AFTER), ("attacks_before", BEFORE)):
        text = (FOLDER / f"{name}.md").read_text("utf-8")
        assert text == attack_markdown(result)


def test_others_were_served_during_the_attacks_of_the_committed_result():
    after, before = rows(AFTER), rows(BEFORE)
    assert max(x["most_mb"] for x in after.values()) < 3000
    assert max(x["most_mb"] for x in before.values()) > 9000
    for name, row in after.items():
        assert row["longest_ms"] < 3000, name
    for name in ("100,000 boxes", "16 x 98 megapixels at once"):
        assert before[name]["failures"] > 0
        assert before[name]["longest_ms"] > 10 * after[name]["longest_ms"]
    for name in ("600 half heads", "600 half bodies"):
        assert after[name]["statuses"] == {"408": 600}
        assert before[name]["statuses"] == {"kept": 600}
