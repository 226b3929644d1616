"""A photo's bytes, by the own readers of headers and by OpenCV."""

import cv2
import numpy as np
from damaged.photos import FORMATS

from facemtl.photos.decoding import decode
from facemtl.photos.formats import misread, unread
from facemtl.photos.orientation import exif_orientation, orientation
from facemtl.photos.size import stored_size
from facemtl.photos.tiff_tags import tiff_tags

from ..oracle import unless_refused

MEGAPIXELS = 4.0  # few, for many inputs a second
EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"


def _seeds() -> tuple[bytes, ...]:
    ramp = np.arange(40 * 32 * 3).reshape(40, 32, 3) % 251
    pixels = ramp.astype(np.uint8)
    photos = [
        cv2.imencode(ending, pixels, words)[1].tobytes()
        for ending, words in FORMATS.values()
    ]
    segment = b"Exif\0\0" + EXIF
    length = (len(segment) + 2).to_bytes(2, "big")
    turned = photos[0][:2] + b"\xff\xe1" + length + segment + photos[0][2:]
    texts = b"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 3\nMAXVAL 255\nENDHDR\n" + bytes(12)
    hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 2\n" + bytes(16)
    sun = b"\x59\xa6\x6a\x95" + b"".join(
        number.to_bytes(4, "big") for number in (2, 2, 24, 12, 1, 0, 0)
    )
    return (*photos, turned, EXIF, texts, hdr, sun + bytes(12))


SEEDS = _seeds()


def one_input(data: bytes) -> None:
    """A photo has no more pixels than its header says, which are limited."""
    tags = tiff_tags(data)
    assert all(0 <= value < 2**64 for value in (*tags, *tags.values()))
    assert 1 <= exif_orientation(data) <= 8
    assert orientation(data) in (None, *range(1, 9))
    assert all(isinstance(kind(data), str) for kind in (misread, unread))
    size = stored_size(data)
    assert size is None or min(size) >= 0
    pixels = unless_refused(decode, data, "photo", MEGAPIXELS)
    if pixels is None:
        return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert size is not None, "decoded, though no size was found"
    assert pixels[..., 0].size <= size[0] * size[1], (pixels.shape, size)
