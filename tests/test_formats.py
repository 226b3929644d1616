"""Files given as photos: right pixels, or one line that says what to do."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from facemtl.errors import InputError
from facemtl.photos.decoding import decode
from facemtl.photos.formats import misread, unread

Y, X = np.mgrid[:64, :96]
COLORS = np.stack([X * 2, Y * 3, X + Y], axis=2).astype(np.uint8)
GRAY = COLORS[..., 0]
RGB = Image.fromarray(COLORS)
CLEAR = Image.fromarray(np.dstack([COLORS, X.astype(np.uint8)]))
WORDS = {"duration": 100, "save_all": True}
FRAMES = [Image.fromarray(255 - COLORS)]


def saved(photo: Image.Image, kind: str, **words) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **words)
    return file.getvalue()


def coded(ending: str, photo: np.ndarray) -> bytes:
    return cv2.imencode(ending, photo)[1].tobytes()


PHOTOS = {
    "JPEG, CMYK": (saved(RGB.convert("CMYK"), "JPEG", quality=95), RGB),
    "JPEG, RGB": (saved(RGB, "JPEG", quality=95, keep_rgb=True), RGB),
    "PNG, 16 bits": (coded(".png", COLORS[..., ::-1] * np.uint16(257)), RGB),
    "PNG, gray, 16 bits": (
        coded(".png", GRAY * np.uint16(257)),
        Image.fromarray(GRAY),
    ),
    "PNG, palette": (saved(RGB.quantize(64), "PNG"), RGB.quantize(64)),
    "PNG, palette with one clear": (
        saved(RGB.quantize(64), "PNG", transparency=3),
        RGB.quantize(64),
    ),
    "PNG, black or white": (saved(RGB.convert("1"), "PNG"), RGB.convert("1")),
    "PNG, gray and clear": (
        saved(CLEAR.convert("LA"), "PNG"),
        RGB.convert("L"),
    ),
    "PNG, animated": (saved(RGB, "PNG", append_images=FRAMES, **WORDS), RGB),
    "GIF": (saved(RGB.quantize(64), "GIF"), RGB.quantize(64)),
    "GIF, animated": (
        saved(RGB.quantize(64), "GIF", append_images=FRAMES, **WORDS),
        RGB.quantize(64),
    ),
    "WebP, clear": (saved(CLEAR, "WEBP", lossless=True, exact=True), RGB),
    "WebP, animated": (
        saved(RGB, "WEBP", lossless=True, append_images=FRAMES, **WORDS),
        RGB,
    ),
    "AVIF": (saved(RGB, "AVIF", quality=90), RGB),
    "AVIF, clear": (saved(CLEAR, "AVIF", quality=90), RGB),
    "TIFF, CMYK": (saved(RGB.convert("CMYK"), "TIFF"), RGB),
    "TIFF, JPEG inside": (
        saved(RGB, "TIFF", compression="jpeg", quality=95),
        RGB,
    ),
    "TIFF, 16 bits": (coded(".tiff", COLORS[..., ::-1] * np.uint16(257)), RGB),
    "TIFF, several pages": (
        saved(RGB, "TIFF", save_all=True, append_images=FRAMES),
        RGB,
    ),
    "BMP, palette": (saved(RGB.quantize(64), "BMP"), RGB.quantize(64)),
    "JPEG 2000, clear": (saved(CLEAR, "JPEG2000"), RGB),
    "PGM, 16 bits": (
        coded(".pgm", GRAY * np.uint16(257)),
        Image.fromarray(GRAY),
    ),
}


@pytest.mark.parametrize("kind", PHOTOS)
def test_the_first_frame_in_rgb(kind):
    data, wanted = PHOTOS[kind]
    photo = decode(data, "photo")
    assert photo.dtype == np.uint8
    wanted = np.asarray(wanted.convert("RGB")).astype(int)
    assert photo.shape == wanted.shape
    assert np.abs(photo - wanted).mean() < 1.5


def test_a_clear_tiff_is_put_on_black():
    """As the docstring says: OpenCV gives no other."""
    photo = decode(saved(CLEAR, "TIFF"), "photo")
    alpha = np.asarray(CLEAR)[..., 3:] / 255
    assert np.abs(photo - COLORS * alpha).max() < 1.5


def tiff(*entries: tuple[int, int, int], order: str = "<") -> bytes:
    """The tags (number, type, value) of a TIFF without pixels."""
    data = (b"II" if order == "<" else b"MM") + struct.pack(
        f"{order}HIH", 42, 8, len(entries)
    )
    for tag, kind, value in entries:
        packed = {1: "B3x", 3: "H2x", 4: "I"}[kind]
        data += struct.pack(f"{order}HHI{packed}", tag, kind, 1, value)
    return data + bytes(4)


THUMBNAIL = {"tiffinfo": {254: 1, 271: "NIKON CORPORATION"}}
RAW = {
    "NEF or ARW: a thumbnail first": saved(RGB, "TIFF", **THUMBNAIL),
    "DNG": saved(RGB, "TIFF", tiffinfo={50706: b"\1\4\0\0"}),
    "a mosaic": tiff((256, 4, 96), (262, 3, 32803)),
    "a mosaic, big endian": tiff((256, 4, 96), (262, 3, 32803), order=">"),
    "linear": tiff((262, 3, 34892)),
    "CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + tiff((256, 4, 96))[8:],
}


@pytest.mark.parametrize("kind", RAW)
def test_a_raw_photos_thumbnail_is_not_taken_for_it(kind):
    with pytest.raises(InputError, match=r"a\.nef is a camera's raw photo or"):
        decode(RAW[kind], "a.nef")


def test_other_tiffs_are_no_raw_photos():
    for data in (
        *(saved(RGB, "TIFF"), saved(RGB, "TIFF", tiffinfo={254: 2})),
        *(b"II*\0", b"MM\0*" + b"\xff" * 20, tiff(), b"", b"CR" * 9),
    ):
        assert misread(data) == ""


FLOATS = coded(".pfm", (COLORS / 255).astype(np.float32))
VIDEO = ("a video, not a photo", "predict --video")
RAW_PHOTO = ("a camera's raw photo,", "darktable-cli")
# Bytes, what they are called, and what helps.
FILES = [
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "heif-convert"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC", "sips of macOS"),
    (saved(RGB, "AVIF")[:300], "an AVIF that is truncated", "--upgrade opencv"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "an AVIF", "truncated"),
    (b"\xff\x0a" + bytes(30), "JPEG XL", "djxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(30), "JPEG XL", "djxl"),
    (b"%PDF-1.7\n" + bytes(30), "PDF", "pdftoppm"),
    (b"%!PS-Adobe-3.0", "PostScript", "Ghostscript"),
    (b'<?xml version="1.0"?>\n<svg width="9"></svg>', "SVG", "Inkscape"),
    (b"\xef\xbb\xbf\n<SVG>", "SVG", "Inkscape"),
    (b"\n<!DOCTYPE html><html>", "a web page", "save the photo itself"),
    (b"<html lang=en>", "a web page", "save the photo itself"),
    (b"8BPS\0\1" + bytes(30), "a Photoshop document", "GIMP"),
    (b"\0\0\1\0\1\0\x10\x10", "an icon (ICO)", "GIMP"),
    (b"\0\0\0\x18ftypisom\0\0\0\0mp42", *VIDEO),
    (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", *VIDEO),
    (b"\0\0\0\x08wide\0\0\0\0mdat", *VIDEO),
    (b"RIFF\0\0\0\0AVI LIST", *VIDEO),
    (b"\x1aE\xdf\xa3" + bytes(30), *VIDEO),
    (b"FLV\1\5", *VIDEO),
    (b"OggS\0\2", *VIDEO),
    (b"0&\xb2u\x8ef\xcf\x11\xa6\xd9", *VIDEO),
    (b"\0\0\1\xba\x44", *VIDEO),
    (b"\0\0\0\x18ftypcrx \0\0\0\1", *RAW_PHOTO),
    (b"FUJIFILMCCD-RAW 0201", *RAW_PHOTO),
    (b"IIRO\x08\0\0\0", *RAW_PHOTO),
    (b"IIU\0\x18\0\0\0", *RAW_PHOTO),
    (b"II\x1a\0\0\0HEAPCCDR", *RAW_PHOTO),
    (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
        *("a pointer of Git LFS", "git lfs pull"),
    ),
    (b"PK\3\4" + bytes(30), "a zip", "unpack"),
    (b"\0\5\x16\7\0\2\0\0", "metadata of macOS", "without ._"),
    (FLOATS, "PFM", "ImageMagick"),
    (
        saved(Image.fromarray((GRAY / 255).astype(np.float32)), "TIFF"),
        *("a TIFF", "floats; convert it to PNG"),
    ),
]


@pytest.mark.parametrize(
    ("data", "name", "advice"),
    FILES,
    ids=[f"{i} {name}" for i, (_, name, _) in enumerate(FILES)],
)
def test_other_files_are_named_with_what_to_do(data, name, advice):
    with pytest.raises(InputError) as error:
        decode(data, "a.jpg")
    message = str(error.value)
    assert message.startswith(f"unreadable image: a.jpg is {name}")
    assert advice in message
    assert "\n" not in message


def test_what_nothing_is_known_of_is_truncated_or_no_image():
    for data in (b"", b"\0" * 20, b"\xff\xd8", b"words", RGB.tobytes()):
        assert unread(data) == ""
