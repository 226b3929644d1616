"""What is done to a whole text: each is small, and says what must come of it.

| expected  | means                                                      |
|-----------|------------------------------------------------------------|
| `same`    | the reading is that of the whole text                      |
| `refused` | an `InputError`                                            |
| `any`     | either, or other values, as of a text cut at a row's end   |
"""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from .wholes import Kind

NUMBER = re.compile(r"(?<![\w.\"-])\d+(?:\.\d+)?(?![\w.\"])")
VALUE = re.compile(r"(?m)(?<== ).+$|(?<=: )[^,{\[\n]+(?=[,}\n])")
# No number of a table, and none of JSON; some are of TOML, but no setting.
NO_NUMBERS = ("nan", "inf", "-Infinity", "NaN", "1e400", "0x_", "\uff11\uff10")
LARGE = ("9" * 400, "9" * 5000, "1e308", "-1e308")
VALUES = (
    *('"text"', "5", "-1", "true", "[]", "{}", '[[["a"]]]', "[1, 2, 3]"),
    *('"\\u0000"', '""', "1.5", "9223372036854775808", '{"a" = 1}'),
)


class Damaged(NamedTuple):
    """A damaged text.

    Attributes:
        how: what was done to it.
        data: the file's bytes.
        expected: "same", "refused" or "any".
    """

    how: str
    data: bytes
    expected: str


def damaged(kind: Kind, rng: random.Random) -> Iterator[Damaged]:
    """About forty damaged texts of a kind."""
    yield from _harmless(kind)
    yield from _bytes(kind, rng)
    yield from _lines(kind, rng)
    yield from _numbers(kind, rng)
    if kind.form != "table":
        yield from _values(kind, rng)
        yield from _structure(kind)


def _harmless(kind: Kind) -> Iterator[Damaged]:
    data = kind.text.encode()
    yield Damaged("nothing", data, "same")
    yield Damaged("byte order mark", b"\xef\xbb\xbf" + data, "same")
    yield Damaged("CRLF", data.replace(b"\n", b"\r\n"), "same")
    # A row of CelebA's is a face, and the first line says how many there are.
    yield Damaged("empty lines at the end", data + b"\n\n", "same")
    yield Damaged("no line's end", data.rstrip(b"\n"), "same")
    if kind.file.endswith(("csv", "tsv")):
        yield Damaged("UTF-16", kind.text.encode("utf-16"), "same")


def _bytes(kind: Kind, rng: random.Random) -> Iterator[Damaged]:
    data = kind.text.encode()
    for _ in range(5):
        yield Damaged("cut", data[: rng.randrange(len(data))], "any")
    for name, more in (
        ("NUL", b"\0"),
        ("control character", b"\x1b"),
        ("invalid UTF-8", b"\xff"),
        ("half a character", b"\xed\xa0\x80"),
        ("quote", b'"'),
        ("many blanks", b" " * 100_000),
        ("many letters", b"a" * 300_000),
    ):
        at = rng.randrange(len(data))
        yield Damaged(name, data[:at] + more + data[at:], "any")
    for _ in range(3):
        flipped = bytearray(data)
        for _ in range(3):
            flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        yield Damaged("bits flipped", bytes(flipped), "any")
    noise = bytes(rng.randrange(256) for _ in range(2000))
    yield Damaged("noise", noise, "refused")
    # A configuration of no setting is the default one.
    empty = "any" if kind.form == "toml" else "refused"
    yield Damaged("empty", b"", empty)
    yield Damaged("zeros", bytes(5000), "refused")
    # JSON may be of any Unicode encoding.
    utf_32 = "same" if kind.form == "json" else "refused"
    yield Damaged("UTF-32", kind.text.encode("utf-32"), utf_32)


def _lines(kind: Kind, rng: random.Random) -> Iterator[Damaged]:
    lines = kind.text.rstrip("\n").split("\n")
    at = rng.randrange(len(lines))
    other = rng.randrange(len(lines))
    swapped = list(lines)
    swapped[at], swapped[other] = lines[other], lines[at]
    for how, some in (
        ("line twice", [*lines[:at], lines[at], *lines[at:]]),
        ("line missing", lines[:at] + lines[at + 1 :]),
        ("lines swapped", swapped),
        ("line cut", [*lines[:at], lines[at][:3], *lines[at + 1 :]]),
        ("all twice", [*lines, *lines]),
        ("one line", [" ".join(lines)]),
    ):
        yield Damaged(how, "\n".join(some).encode() + b"\n", "any")


def _numbers(kind: Kind, rng: random.Random) -> Iterator[Damaged]:
    places = list(NUMBER.finditer(kind.text))
    if not places:  # All is texts, as in a tasks.toml.
        return
    for text in (*NO_NUMBERS, *LARGE, "-1", "1_0", "\u00b2", "", "true"):
        found = rng.choice(places)
        data = kind.text[: found.start()] + text + kind.text[found.end() :]
        never = text in NO_NUMBERS or (text in LARGE and "9" in text)
        refused = never and _counts(kind, found)
        how = f"number {text[:12] or 'missing'}"
        yield Damaged(how, data.encode(), "refused" if refused else "any")


def _counts(kind: Kind, found: re.Match[str]) -> bool:
    """Whether a number is read at all, and not a part of a name or unused."""
    line_start = kind.text.rfind("\n", 0, found.start()) + 1
    unused = ("version", ' "images"', '  {"id"', '"shape"', '"format"')
    line = kind.text[line_start : found.end() + 1]
    return kind.form != "json" and not line.lstrip().startswith(unused)


def _values(kind: Kind, rng: random.Random) -> Iterator[Damaged]:
    places = list(VALUE.finditer(kind.text))
    for value in (*VALUES, "9" * 5000, "[" * 200 + "]" * 200):
        found = rng.choice(places)
        data = kind.text[: found.start()] + value + kind.text[found.end() :]
        # In a JSON it may come to stand in a text.
        deep = kind.form == "toml" and value.startswith(("[[[[", "9999"))
        yield Damaged(
            f"value {value[:12]}", data.encode(), "refused" if deep else "any"
        )


def _structure(kind: Kind) -> Iterator[Damaged]:
    text = kind.text
    deep = "[" * 100_000 + "]" * 100_000
    if kind.form == "json":
        for name, more in (
            ("key twice", f'{{"a": 1, "a": 2, {text.lstrip()[1:]}'),
            ("nested deep", f'{{"a": {deep}, {text.lstrip()[1:]}'),
            ("nested deep, open", "[" * 200_000),
            ("list", f"[{text}]"),
            ("number", "5"),
            ("null", "null"),
            ("text behind it", text + "x"),
        ):
            yield Damaged(name, more.encode(), "refused")
        return
    for name, more in (
        ("unknown key", f"unknown_key = 1\n{text}"),
        ("key twice", f"title = 'a'\ntitle = 'b'\n{text}"),
        ("nested deep", f"a = {deep}\n{text}"),
        ("inline tables", "a = " + "{b = " * 50_000 + "1" + "}" * 50_000),
        ("dotted key", "a." * 200_000 + "a = 1\n" + text),
        ("dotted table", f"[{'a.' * 200_000}a]\n" + text),
        ("many tables", "\n".join(f"[a{i}]" for i in range(20_000))),
    ):
        yield Damaged(name, more.encode(), "refused")
