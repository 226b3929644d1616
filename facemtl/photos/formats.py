"""Identify files that OpenCV does not read, and say how to convert them."""

from facemtl.photos.avif import brands, is_avif
from facemtl.photos.tiff_tags import tiff_tags

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_TO_JPEG = "which OpenCV does not read; convert it to JPEG, as"
_RAW = (
    "a camera's raw photo, which OpenCV does not read; convert it to JPEG, as "
    "darktable-cli and rawtherapee-cli do, or take the camera's own JPEG"
)
_PREVIEW = (
    "a camera's raw photo or another TIFF that begins with a preview, which "
    "is all that OpenCV reads; convert it to JPEG, as darktable-cli and "
    "rawtherapee-cli do"
)
_VIDEO = "a video, not a photo; use facemtl predict --video"
_FLOATS = (
    f"PFM, of floats without a range, {_TO_JPEG} ImageMagick's convert does"
)
# (offset, signature, description) of formats with a fixed signature.
_SIGNATURES = (
    (0, b"\xff\x0a", f"JPEG XL, {_TO_JPEG} djxl of libjxl does"),
    (4, b"JXL ", f"JPEG XL, {_TO_JPEG} djxl of libjxl does"),
    (0, b"%PDF-", f"PDF, {_TO_JPEG} pdftoppm -jpeg of poppler does"),
    (0, b"%!PS", f"PostScript, {_TO_JPEG} Ghostscript does"),
    (0, b"8BPS", f"a Photoshop document, {_TO_JPEG} Photoshop and GIMP do"),
    (0, b"\0\0\1\0", f"an icon (ICO), {_TO_JPEG} GIMP does"),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    (0, b"IIRO", _RAW),  # Olympus
    (0, b"IIRS", _RAW),
    (0, b"MMOR", _RAW),
    (0, b"IIU\0", _RAW),  # Panasonic
    (0, b"FOVb", _RAW),  # Sigma
    (0, b"\0MRM", _RAW),  # Minolta
    (6, b"HEAPCCDR", _RAW),  # Canon's CRW
    (8, b"AVI ", _VIDEO),
    (0, b"\x1aE\xdf\xa3", _VIDEO),  # Matroska, WebM
    (0, b"FLV\1", _VIDEO),
    (0, b"OggS", _VIDEO),
    (0, b"0&\xb2u\x8ef\xcf\x11", _VIDEO),  # Windows Media
    (0, b"\0\0\1\xba", _VIDEO),  # MPEG
    (4, b"moov", _VIDEO),  # QuickTime without a brand
    (4, b"mdat", _VIDEO),
    (4, b"wide", _VIDEO),
    (0, b"PK\3\4", "a zip, not a photo; unpack it"),
    (
        0,
        b"version https://git-lfs",
        "a pointer of Git LFS, not the photo; run git lfs pull",
    ),
    (
        0,
        b"\0\5\x16\7",
        "metadata of macOS for a photo (AppleDouble), not a photo; take the "
        "file without ._ before its name",
    ),
)
_DNG, _KIND, _COLORS = 0xC612, 254, 262  # tags of a TIFF
_SENSOR = (32803, 34892)  # sensor data: a color filter array, and linear raw


def misread(data: bytes) -> str:
    """Describe a file that OpenCV would decode as another photo, else "".

    A camera's raw photo is a TIFF that begins with a thumbnail. The floats of a
    PFM would become black.
    """
    if data[:3] in (b"PF\n", b"Pf\n"):
        return _FLOATS
    tags = tiff_tags(data)
    is_raw = (
        _DNG in tags
        or tags.get(_KIND, 0) & 1  # "a reduced version of another image"
        or tags.get(_COLORS) in _SENSOR
        or (tags and data[8:10] == b"CR")  # Canon's CR2
    )
    return _PREVIEW if is_raw else ""


def unread(data: bytes) -> str:
    """Describe a file that OpenCV cannot read, and what to do; "" if unknown.

    Example:

    >>> unread(b"%PDF-1.7").split(";")[0]
    'PDF, which OpenCV does not read'
    """
    if data[4:8] == b"ftyp":
        return _of_boxes(data)
    for place, signature, words in _SIGNATURES:
        if data.startswith(signature, place):
            return words
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return (
            "a TIFF that is truncated or of a kind that OpenCV does not read, "
            "such as of floats; convert it to PNG, 8 or 16 bits"
        )
    return _of_text(data[:2000])


def _of_boxes(data: bytes) -> str:
    """Describe an ISO base media file, such as HEIC, AVIF and MP4."""
    first = brands(data)[0]
    if is_avif(data):
        return (
            "an AVIF that is truncated, or that this OpenCV does not read; "
            "pip install --upgrade opencv-python-headless"
        )
    if first in _HEIC:
        return f"HEIC, {_TO_JPEG} heif-convert of libheif and sips of macOS do"
    return _RAW if first == b"crx " else _VIDEO


def _of_text(start: bytes) -> str:
    """Describe a text file by its first bytes; "" if unknown."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<") and b"<svg" in text:
        return f"SVG, {_TO_JPEG} Inkscape does"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page, not a photo; save the photo itself"
    return ""
