"""Photos from folders and zips."""

import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.photos.images import FolderImages, ZipImages

RNG = np.random.default_rng(0)


def encode(image: np.ndarray, kind: str = ".jpg", *options: int) -> bytes:
    return cv2.imencode(kind, image, options)[1].tobytes()


def noise(size: int = 48) -> np.ndarray:
    return RNG.integers(0, 256, (size, size, 3), np.uint8)


@pytest.fixture(params=["folder", "zip"])
def store(request, tmp_path):
    """Puts bytes under a name; returns the reader."""

    def make(files: dict[str, bytes]) -> FolderImages | ZipImages:
        if request.param == "zip":
            with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
                for name, data in files.items():
                    archive.writestr(f"in/{name}", data)
            return ZipImages(tmp_path / "photos.zip", "in")
        for name, data in files.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return FolderImages(tmp_path / "in")

    return make


def test_reads_rgb_grey_and_alpha(store):
    blue = np.full((4, 6, 3), [255, 0, 0], np.uint8)  # OpenCV writes BGR.
    grey = np.full((4, 6), 77, np.uint8)
    alpha = np.full((4, 6, 4), [255, 0, 0, 9], np.uint8)
    images = store(
        {
            "a/blue.png": encode(blue, ".png"),
            "grey.png": encode(grey, ".png"),
            "alpha.png": encode(alpha, ".png"),
        }
    )
    assert images.read("a/blue.png").dtype == np.uint8
    np.testing.assert_array_equal(images.read("a/blue.png"), blue[..., ::-1])
    np.testing.assert_array_equal(images.read("grey.png"), 77 + 0 * blue)
    np.testing.assert_array_equal(images.read("alpha.png"), blue[..., ::-1])
    assert "grey.png" in images
    assert "gray.png" not in images


def test_turns_a_photo_as_its_exif_says(store):
    # Orientation 6: the file's rows are the photo's columns.
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif
    plain = encode(np.zeros((20, 30, 3), np.uint8))
    images = store({"a.jpg": plain[:2] + segment + plain[2:]})
    assert images.read("a.jpg").shape == (30, 20, 3)


def broken_files() -> dict[str, bytes]:
    jpeg = encode(noise())
    steps = encode(noise(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    # Camera JPEGs hold a thumbnail, a whole JPEG, in a segment of their own.
    thumbnail = encode(noise(16))
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2) + thumbnail
    camera = jpeg[:2] + segment + jpeg[2:]
    png = encode(noise(), ".png")
    return {
        "half": jpeg[: len(jpeg) // 2],
        "one byte short": jpeg[:-1],
        "end marker gone": jpeg[:-2],
        "zeros at the end": jpeg[:-100] + bytes(100),
        "progressive": steps[: len(steps) * 9 // 10],
        "thumbnail whole": camera[: len(camera) * 9 // 10],
        "only the thumbnail": camera[: 4 + len(thumbnail)],
        "png": png[: len(png) * 9 // 10],
        "png, last chunk gone": png[:-12],
        "empty": b"",
        "text": b"no image",
    }


@pytest.mark.parametrize("kind", broken_files())
def test_a_truncated_photo_is_an_error(store, kind):
    images = store({"a.jpg": broken_files()[kind]})
    with pytest.raises(InputError, match=r"^unreadable image: .*truncated"):
        images.read("a.jpg")


def test_bytes_behind_the_end_are_no_fault(store):
    data = encode(noise())
    images = store({"a.jpg": data + b"\0" * 300, "b.jpg": data + data})
    np.testing.assert_array_equal(images.read("a.jpg"), images.read("b.jpg"))


@pytest.mark.parametrize("steps", [0, 1], ids=["baseline", "progressive"])
def test_a_video_behind_the_photo_is_no_fault(store, steps):
    """Motion photos: what follows holds any bytes, markers among them."""
    data = encode(noise(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, steps)
    film = b"\0\0\0\x18ftypmp42" + b"\xff\xd9\xff\xda" * 50 + b"\xff\xda"
    images = store({"a.jpg": data, "b.jpg": data + film})
    np.testing.assert_array_equal(images.read("a.jpg"), images.read("b.jpg"))


def test_restart_markers_and_fill_bytes_are_no_segments(store):
    data = encode(noise(), ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 2)
    filled = data[:-2] + b"\xff\xff" + data[-2:]
    assert b"\xff\xd0" in data
    images = store({"a.jpg": data, "b.jpg": filled})
    np.testing.assert_array_equal(images.read("a.jpg"), images.read("b.jpg"))


def test_heic_is_named_with_what_converts_it(store):
    images = store({"a.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1" + bytes(99)})
    with pytest.raises(InputError, match=r"is HEIC, .*convert it to JPEG"):
        images.read("a.heic")


def test_messages_of_a_folder(tmp_path):
    images = FolderImages(tmp_path)
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    messages = {
        "no.jpg": f"missing image: {tmp_path}/no.jpg",
        "empty.jpg/a.jpg": f"missing image: {tmp_path}/empty.jpg/a.jpg",
        "empty.jpg": f"unreadable image: {tmp_path}/empty.jpg, 0 bytes, is "
        "truncated or no image",
        "folder.jpg": f"unreadable image: {tmp_path}/folder.jpg: Is a "
        "directory",
    }
    for name, message in messages.items():
        with pytest.raises(InputError) as error:
            images.read(name)
        assert str(error.value) == message


def test_messages_of_a_zip(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", encode(noise()))
    data = bytearray(path.read_bytes())
    data[200] ^= 1  # The checksum no longer fits.
    path.write_bytes(data)
    images = ZipImages(path)
    with pytest.raises(InputError) as error:
        images.read("no.jpg")
    assert str(error.value) == f"missing image: no.jpg in {path}"
    with pytest.raises(InputError) as error:
        images.read("a.jpg")
    assert str(error.value) == (
        f"unreadable image: a.jpg in {path}: Bad CRC-32 for file 'a.jpg'"
    )


def test_stamp_changes_with_the_photo(tmp_path):
    path = tmp_path / "a.jpg"
    images = FolderImages(tmp_path)
    assert images.stamp("a.jpg") == "missing"
    path.write_bytes(b"123")
    os.utime(path, ns=(1, 5))
    assert images.stamp("a.jpg") == "3 5"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", b"123")
    assert ZipImages(tmp_path / "a.zip").stamp("a.jpg") == "3 884863d2"
    assert ZipImages(tmp_path / "a.zip").stamp("b.jpg") == "missing"


def test_threads_read_the_right_photos(store):
    files = {f"{i}.png": encode(noise(), ".png") for i in range(40)}
    images = store(files)
    alone = [images.read(name) for name in files]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            together = pool.map(images.read, files)
            for one, other in zip(alone, together, strict=True):
                np.testing.assert_array_equal(one, other)


def test_wrong_zip(tmp_path: Path):
    with pytest.raises(InputError, match="expected a zip of photos"):
        ZipImages(tmp_path / "no.zip")


def packed(method: int, name: str = "a.jpg") -> bytearray:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", method) as photos:
        photos.writestr(name, 100 * b"a")
    return bytearray(stored.getvalue())


def test_a_zip_of_an_unknown_version(tmp_path: Path):
    data = packed(zipfile.ZIP_STORED)
    data[data.rindex(b"PK\x01\x02") + 6] = 129
    (tmp_path / "photos.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"zip of photos\..*version 12\.9"):
        ZipImages(tmp_path / "photos.zip")


def test_a_damaged_entry_of_lzma(tmp_path: Path):
    data = packed(zipfile.ZIP_LZMA)
    data[30 + len("a.jpg") + 4] = 0xFF  # settings of LZMA
    (tmp_path / "photos.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"unreadable image: a\.jpg in .*"):
        ZipImages(tmp_path / "photos.zip").read_bytes("a.jpg")


def test_a_name_that_is_no_text_where_the_entry_begins(tmp_path: Path):
    name = "caf\u00e9.jpg"
    data = packed(zipfile.ZIP_STORED, name)
    data[30 + len("caf")] = 0x93
    (tmp_path / "photos.zip").write_bytes(data)
    with pytest.raises(InputError, match="unreadable image: caf\u00e9"):
        ZipImages(tmp_path / "photos.zip").read_bytes(name)
