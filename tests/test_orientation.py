"""Photos are read as they are displayed; Pillow is asked beside."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from facemtl.data.check.headers import photo_headers
from facemtl.photos.avif import avif_orientation
from facemtl.photos.decoding import decode
from facemtl.photos.images import FolderImages
from facemtl.photos.orientation import turned

HEIGHT, WIDTH = 48, 80
# A quarter each of red, green, blue and white, so that no turn is like another.
PHOTO = np.kron(
    np.array(
        [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 255)]], np.uint8
    ),
    np.ones((HEIGHT // 2, WIDTH // 2, 1), np.uint8),
)
FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "AVIF")


def exif(turn: int, order: str = ">") -> bytes:
    start = b"MM\0*" if order == ">" else b"II*\0"
    entry = struct.pack(f"{order}HHIHH", 0x112, 3, 1, turn, 0)
    return start + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)


def saved(kind: str, photo: np.ndarray = PHOTO, **words) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photo).save(file, kind, **words)
    return file.getvalue()


def saved_turned(kind: str, turn: int, photo: np.ndarray = PHOTO) -> bytes:
    if kind == "TIFF":
        return saved(kind, photo, tiffinfo={0x112: turn})
    marked = Image.Exif()
    marked[0x112] = turn
    return saved(kind, photo, exif=marked)


def displayed(data: bytes) -> np.ndarray:
    """The photo by Pillow."""
    with Image.open(io.BytesIO(data)) as photo:
        return np.asarray(ImageOps.exif_transpose(photo).convert("RGB"))


def assert_same(one: np.ndarray, other: np.ndarray) -> None:
    """But for what a lossy format changes."""
    assert one.shape == other.shape
    assert np.abs(one.astype(int) - other).mean() < 6


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", FORMATS)
def test_every_orientation_of_every_format(kind, turn, tmp_path):
    data = saved_turned(kind, turn)
    photo = decode(data, "photo")
    assert_same(photo, displayed(data))
    assert_same(photo, turned(PHOTO, turn))
    assert photo.flags.c_contiguous
    # `facemtl data check` reads the same of the header.
    (tmp_path / "photo").write_bytes(data)
    turns, sizes = photo_headers(FolderImages(tmp_path), np.array(["photo"]))
    assert turns.tolist() == [turn]
    assert sizes.tolist() == [[photo.shape[1], photo.shape[0]]]


def test_transparent_avifs_are_turned_with_their_colors():
    alpha = np.full((HEIGHT, WIDTH, 1), 200, np.uint8)
    data = saved_turned("AVIF", 6, np.concatenate([PHOTO, alpha], axis=2))
    assert_same(decode(data, "photo"), turned(PHOTO, 6))


@pytest.mark.parametrize("turn", [1, 6])
def test_exif_inside_an_avif_does_not_count(turn):
    """Its own properties do, whatever stands beside them."""
    marked = Image.Exif()
    marked[0x112], marked[0x113] = turn, 3
    data = saved("AVIF", exif=marked.tobytes())
    # Pillow takes the orientation out, but knows no tag 0x113.
    entry = b"\x01\x13\0\3\0\0\0\1\0\3"
    assert data.count(entry) == 1
    data = data.replace(entry, b"\x01\x12" + entry[2:])
    assert_same(decode(data, "photo"), turned(PHOTO, turn))
    assert_same(displayed(data), turned(PHOTO, turn))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_give_their_first_frame_turned(kind):
    others = [Image.fromarray(255 - PHOTO), Image.fromarray(PHOTO // 2)]
    data = saved(
        *(kind, PHOTO),
        **{"save_all": True, "append_images": others, "exif": exif(8)},
    )
    assert_same(decode(data, "photo"), turned(PHOTO, 8))
    assert_same(displayed(data), turned(PHOTO, 8))


def png_chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + checksum.to_bytes(4)


def png_with(data: bytes, before: bytes) -> bytes:
    png = saved("PNG")
    at = png.index(before) - 4
    return png[:at] + png_chunk(b"eXIf", data) + png[at:]


def webp_with(data: bytes, flags: int = 8) -> bytes:
    """A WebP with EXIF behind its pixels."""
    size = (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(
        3, "little"
    )
    head = b"VP8X" + struct.pack("<I4B", 10, flags, 0, 0, 0) + size
    pixels = saved("WEBP", lossless=True)[12:]
    tail = (
        b"EXIF" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    )
    content = b"WEBP" + head + pixels + tail
    return b"RIFF" + struct.pack("<I", len(content)) + content


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("head", [b"", b"Exif\0\0"], ids=["", "Exif"])
def test_exif_in_any_place_of_a_file(order, head):
    """Some programs write a JPEG's first bytes of EXIF into other formats."""
    data = head + exif(6, order)
    for file in (
        webp_with(data),
        png_with(data, b"IDAT"),
        png_with(data, b"IEND"),
    ):
        assert_same(decode(file, "photo"), turned(PHOTO, 6))


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"Exif\0\0", b"MM\0*", b"no EXIF", exif(0), exif(9)),
        *(exif(6)[:14], exif(6)[:4] + b"\xff" * 4, exif(6)[:8] + b"\xff\xff"),
    ],
    ids=range(9),
)
def test_broken_exif_turns_nothing(data):
    assert_same(decode(webp_with(data), "photo"), PHOTO)
    assert_same(decode(png_with(data, b"IDAT"), "photo"), PHOTO)


def test_a_webp_that_declares_no_exif_has_none():
    assert_same(decode(webp_with(exif(6), flags=0), "photo"), PHOTO)


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def avif(
    *properties: tuple[bytes, int],
    wide: bool = False,
    version: int = 0,
    photo: int = 2,
) -> bytes:
    """The boxes of an AVIF without pixels, whose photo has properties."""

    def named(number: int) -> bytes:
        return number.to_bytes(4 if version else 2)

    def listed(numbers: list[int]) -> bytes:
        size = 2 if wide else 1
        marked = [n + (1 << (8 * size - 1)) for n in numbers]
        return bytes([len(marked)]) + b"".join(n.to_bytes(size) for n in marked)

    # The first property is of another kind, the last of another photo.
    kept = [box(b"ispe", bytes(12))]
    kept += [box(kind, bytes([value])) for kind, value in properties]
    kept += [box(b"irot", b"\1")]
    ipma = box(
        b"ipma",
        bytes([version, 0, 0, wide]) + (2).to_bytes(4),
        named(1) + listed([len(kept)]),
        named(photo) + listed([*range(1, len(kept))]),
    )
    meta = box(
        b"meta",
        bytes(4),
        box(b"pitm", bytes([version, 0, 0, 0]) + named(photo)),
        box(b"iprp", box(b"ipco", *kept), ipma),
    )
    return box(b"ftyp", b"avif", bytes(4), b"mif1avif") + meta


def expected(*properties: tuple[bytes, int]) -> np.ndarray:
    """What the standard (ISO/IEC 23008-12) says, on pixels."""
    photo = PHOTO
    for kind, value in properties:
        if kind == b"irot":
            photo = np.rot90(photo, value)
        else:
            photo = photo[:, ::-1] if value else photo[::-1]
    return photo


TURNS = [(b"irot", angle) for angle in range(4)]
MIRRORS = [(b"imir", axis) for axis in range(2)]


@pytest.mark.parametrize(
    "properties",
    [
        (),
        *((one,) for one in TURNS + MIRRORS),
        *((one, other) for one in TURNS for other in MIRRORS),
        *((other, one) for one in TURNS for other in MIRRORS),
    ],
    ids=lambda x: " ".join(f"{kind.decode()}{value}" for kind, value in x),
)
@pytest.mark.parametrize(("wide", "version"), [(False, 0), (True, 1)])
def test_turns_and_mirrors_are_applied_in_their_order(
    properties, wide, version
):
    data = avif(*properties, wide=wide, version=version)
    photo = turned(PHOTO, avif_orientation(data))
    np.testing.assert_array_equal(photo, expected(*properties))


def test_broken_boxes_turn_nothing_and_end():
    whole = avif((b"irot", 1))
    assert avif_orientation(whole) == 8
    for end in range(len(whole)):
        assert avif_orientation(whole[:end]) in (1, 8)
    for at in range(len(whole)):
        for value in (0, 255):
            broken = whole[:at] + bytes([value]) + whole[at + 1 :]
            assert avif_orientation(broken) in range(1, 9)


@pytest.mark.parametrize("turns", range(4))
def test_the_pixels_of_a_patched_avif_follow(turns):
    """A quarter turn and a mirror, of which Pillow wrote both."""
    data = saved_turned("AVIF", 5)
    assert data.count(b"irot") == data.count(b"imir") == 1
    at = data.index(b"irot") + 4
    patched = data[:at] + bytes([(data[at] + turns) % 4]) + data[at + 1 :]
    # The mirror comes last and turns the other way round.
    wanted = np.rot90(turned(PHOTO, 5), -turns)
    assert_same(decode(patched, "photo"), wanted)
    assert_same(displayed(patched), wanted)


@pytest.mark.parametrize("depth", [10, 12])
def test_avifs_of_more_bits(depth):
    pixels = PHOTO[..., ::-1].astype(np.uint16) << (depth - 8)
    options = [cv2.IMWRITE_AVIF_DEPTH, depth]
    data = cv2.imencode(".avif", pixels, options)[1].tobytes()
    assert_same(decode(data, "photo"), PHOTO)
    assert_same(displayed(data), PHOTO)
