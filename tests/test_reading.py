"""What is read of files that others wrote: bounded, and never waited for."""

import os
import struct
import subprocess
import sys
import threading
import time
import zipfile
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

import facemtl
from facemtl.config import load_config
from facemtl.data.check.headers import photo_headers
from facemtl.data.convert.formats import Source, read_labels
from facemtl.data.csv.text import read_table
from facemtl.data.faces import BadRows
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.errors import InputError, RowError
from facemtl.files import reading
from facemtl.files.reading import read_limited
from facemtl.photos import limits as photo_limits
from facemtl.photos.decoding import decode
from facemtl.photos.images import FolderImages, ZipImages
from facemtl.photos.photo import as_rgb
from facemtl.photos.size import stored_size
from facemtl.predict.boxes import read_boxes
from facemtl.tasks import load_tasks

ROOT = Path(facemtl.__file__).parent.parent
PHOTO = np.random.default_rng(0).integers(0, 256, (40, 64, 3), np.uint8)
ENDINGS = (".jpg", ".png", ".webp", ".bmp", ".tiff", ".ppm", ".jp2", ".avif")
SIDE = 30_000


def coded(ending, pixels=PHOTO):
    return cv2.imencode(ending, pixels)[1].tobytes()


def patched(data, at, *numbers, form=">H"):
    """The bytes with other numbers from a place on."""
    more = b"".join(struct.pack(form, number) for number in numbers)
    return data[:at] + more + data[at + len(more) :]


def bombs():
    """Photos of a few kilobytes whose headers say 900 million pixels."""
    jpeg, png, bmp = (coded(ending) for ending in (".jpg", ".png", ".bmp"))
    j2k = coded(".jp2")
    yield "jpeg", patched(jpeg, jpeg.index(b"\xff\xc0") + 5, SIDE, SIDE)
    yield "png", patched(png, 16, SIDE, SIDE, form=">I")
    yield "gif", b"GIF89a" + struct.pack("<HH", SIDE, SIDE) + bytes(20)
    yield "bmp", patched(bmp, 18, SIDE, -SIDE, form="<i")
    yield "ppm", b"P6\n# bomb\n%d %d\n255\n" % (SIDE, SIDE)
    yield "pam", b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 3\nENDHDR\n" % (SIDE, SIDE)
    yield "sun", b"\x59\xa6\x6a\x95" + struct.pack(">II", SIDE, SIDE)
    yield "hdr", b"#?RADIANCE\n\n-Y %d +X %d\n" % (SIDE, SIDE)
    siz = j2k.index(b"\xff\x4f\xff\x51") + 8
    yield "jpeg 2000", patched(j2k, siz, SIDE, SIDE, form=">I")
    for order, mark, form in (("<", b"II*\0", "HHII"), (">", b"MM\0*", "HHII")):
        tags = ((256, 4, 1, SIDE), (257, 4, 1, SIDE))
        entries = b"".join(struct.pack(order + form, *tag) for tag in tags)
        head = struct.pack(f"{order}IH", 8, len(tags))
        yield f"tiff {order}", mark + head + entries
    big = struct.pack("<HHQQQ", 8, 0, 16, 2, 0)[:-8]
    tags = ((256, 4, 1, SIDE), (257, 16, 1, SIDE))
    entries = b"".join(struct.pack("<HHQQ", *tag) for tag in tags)
    yield "big tiff", b"II+\0" + big + entries
    sides = (SIDE - 1).to_bytes(3, "little")
    yield "webp", b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + 2 * sides
    avif = coded(".avif")
    yield "avif", patched(avif, avif.index(b"ispe") + 8, SIDE, SIDE, form=">I")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_size_of_each_format_is_in_its_header(ending):
    assert stored_size(coded(ending)) == (64, 40)


def test_the_sizes_of_further_kinds_of_a_format():
    from PIL import Image

    image = Image.fromarray(PHOTO)
    for form, options in (
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": b"Exif\0\0" + bytes(60_000)}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0" + bytes(100)}),
        ("GIF", {}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("TIFF", {"big_tiff": True}),
    ):
        out = BytesIO()
        image.save(out, form, **options)
        assert stored_size(out.getvalue()) == (64, 40), (form, options)


@pytest.mark.parametrize("name, data", [*bombs()], ids=[n for n, _ in bombs()])
def test_a_photo_of_too_many_pixels_is_not_decoded(
    name, data, tmp_path, monkeypatch
):
    def never(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr(cv2, "imdecode", never)
    file = tmp_path / "bomb"
    file.write_bytes(data)
    for read in (FolderImages(tmp_path).read, lambda n: as_rgb(tmp_path / n)):
        with pytest.raises(RowError) as error:
            read("bomb")
        assert "30,000 x 30,000 pixels" in str(error.value)
        assert "FACEMTL_MEGAPIXELS" in str(error.value)
        assert "\n" not in str(error.value)


def test_the_limit_of_pixels_can_be_set(monkeypatch):
    data = coded(".png", np.zeros((1000, 1001, 3), np.uint8))
    monkeypatch.setenv(photo_limits.VARIABLE, "1")
    with pytest.raises(InputError, match="at most 1 megapixels"):
        decode(data, "photo.png")
    monkeypatch.setenv(photo_limits.VARIABLE, "1.0011")
    assert decode(data, "photo.png").shape == (1000, 1001, 3)
    for text in ("0", "-1", "nan", "inf", "many"):
        monkeypatch.setenv(photo_limits.VARIABLE, text)
        with pytest.raises(InputError, match="as a number over 0"):
            decode(data, "photo.png")


def test_a_large_photo_is_turned_as_a_small_one():
    # Its colors change places by parts of 1,024 rows.
    pixels = np.random.default_rng(1).integers(0, 256, (2500, 3, 3), np.uint8)
    np.testing.assert_array_equal(
        decode(coded(".png", pixels[..., ::-1]), "photo.png"), pixels
    )


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    return path


def test_a_pipe_that_a_list_names_is_refused(pipe):
    with pytest.raises(RowError, match="a pipe, expected a regular file"):
        FolderImages(pipe.parent).read(pipe.name)


def test_the_header_of_a_pipe_is_not_waited_for(pipe):
    turns, sizes = photo_headers(
        FolderImages(pipe.parent), np.array([pipe.name])
    )
    assert turns.tolist() == [1]
    assert np.isnan(sizes).all()


def test_a_pipe_that_nobody_writes_to_is_given_up(pipe, monkeypatch):
    monkeypatch.setattr(reading, "FIRST", 0.2)
    with pytest.raises(InputError, match=r"without a first byte after 0\.2 s"):
        as_rgb(pipe)


def test_a_pipe_without_an_end_is_given_up(pipe, monkeypatch):
    monkeypatch.setattr(reading, "LAST", 0.3)
    end = os.open(pipe, os.O_RDWR)
    os.write(end, b"some")
    with pytest.raises(InputError, match=r"without its end after 0\.3 seconds"):
        as_rgb(pipe)
    os.close(end)


def test_an_endless_pipe_is_read_up_to_the_limit(pipe, monkeypatch):
    monkeypatch.setattr(reading, "_PART", 100)
    end = os.open(pipe, os.O_RDWR)
    os.write(end, bytes(1000))
    with pytest.raises(OSError, match="bytes or more, expected at most 250"):
        read_limited(pipe, 250, pipes=True)
    os.close(end)


def test_a_pipe_with_a_writer_is_read(pipe):
    data = coded(".png")

    def write():
        time.sleep(0.2)  # So that the reader comes first.
        pipe.write_bytes(data)

    writer = threading.Thread(target=write)
    writer.start()
    np.testing.assert_array_equal(as_rgb(pipe), PHOTO[..., ::-1])
    writer.join()


def test_a_shell_gives_a_photo_and_a_table_by_a_pipe(tmp_path):
    (tmp_path / "photo.png").write_bytes(coded(".png"))
    (tmp_path / "boxes.csv").write_text("file,left,top,right,bottom\na,1,2,3,4")
    code = (
        "import sys\n"
        "from facemtl.process.native_words import without_native_words\n"
        "from facemtl.predict.boxes import read_boxes\n"
        "from facemtl.photos.photo import as_rgb\n"
        "print(without_native_words(as_rgb, sys.argv[1]).shape)\n"
        "print(read_boxes(sys.argv[2]), as_rgb('/dev/stdin').shape)\n"
    )
    words = 'exec "$0" -c "$1" <(cat photo.png) <(cat boxes.csv) < photo.png'
    done = subprocess.run(
        ["bash", "-c", words, sys.executable, code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == [
        "(40, 64, 3)",
        "{'a': [[1.0, 2.0, 3.0, 4.0]]} (40, 64, 3)",
    ], done.stderr


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_behind_a_name_is_refused(device, tmp_path):
    for name in ("photo.jpg", "faces.csv", "tasks.toml"):
        (tmp_path / name).symlink_to(device)
    for read in (
        lambda: FolderImages(tmp_path).read("photo.jpg"),
        lambda: as_rgb(tmp_path / "photo.jpg"),
        lambda: read_table(tmp_path / "faces.csv"),
        lambda: load_tasks(tmp_path / "tasks.toml"),
        lambda: load_config(file=tmp_path / "tasks.toml"),
    ):
        with pytest.raises(InputError, match="a device, expected a regular"):
            read()


@pytest.mark.parametrize(
    "form, name",
    [
        ("pts", "a.pts"),
        ("coco", "a.json"),
        ("wflw", "list_98pt_test.txt"),
        ("celeba", "list_attr_celeba.txt"),
    ],
)
def test_no_list_of_labels_is_waited_for(form, name, tmp_path):
    os.mkfifo(tmp_path / name)
    (tmp_path / "a.jpg").write_bytes(coded(".jpg"))
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(InputError, match="expected"):
            read_labels(Source((path,), form), BadRows())


def test_a_zip_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "mtfl.zip")
    for path in (tmp_path, tmp_path / "mtfl.zip"):
        with pytest.raises(InputError, match="a pipe, expected a regular"):
            read_mtfl(path, "train")


def test_a_file_of_too_many_bytes_is_not_read(tmp_path, monkeypatch):
    file = tmp_path / "photo.jpg"
    with file.open("wb") as out:
        out.truncate(2**40)  # of which no byte is on the disk
    monkeypatch.setattr(os, "read", None)
    for read in (FolderImages(tmp_path).read, lambda n: as_rgb(tmp_path / n)):
        with pytest.raises(
            InputError,
            match=r"1,099,511,627,776 bytes or more, expected at most "
            r"1,600,000,000 \(the environment variable FACEMTL_MEGAPIXELS",
        ):
            read("photo.jpg")
    with pytest.raises(InputError, match="expected at most 1,073,741,824"):
        read_table(file)


def test_a_file_without_a_size_is_read():
    # As the files of /proc are.
    assert read_limited("/proc/self/status", 2**20).startswith(b"Name:")
    with pytest.raises(OSError, match="bytes or more, expected at most 5"):
        read_limited("/proc/self/status", 5)


def zipped(path, method, **entries):
    with zipfile.ZipFile(path, "w", method) as out:
        for name, data in entries.items():
            out.writestr(name, data)
    return path


def test_an_entry_of_a_zip_is_bounded_by_what_it_says(tmp_path, monkeypatch):
    monkeypatch.setenv(photo_limits.VARIABLE, "0.001")
    path = zipped(tmp_path / "a.zip", zipfile.ZIP_DEFLATED, p=bytes(8001))
    with pytest.raises(RowError, match="8,001 bytes or more, expected at most"):
        ZipImages(path).read("p")


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_an_entry_that_is_larger_than_it_says_takes_no_memory(method, tmp_path):
    path = zipped(tmp_path / "a.zip", method, p=bytes(200_000_000))
    data = bytearray(path.read_bytes())
    # Its size, in the entry's own header and in the directory.
    for signature, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.index(signature) + place
        data[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    code = (
        "import sys\n"
        "from facemtl.process.environment import peak_memory\n"
        "from facemtl.photos.images import ZipImages\n"
        "images = ZipImages(sys.argv[1])\n"
        "before = peak_memory()\n"
        "try:\n    images.read('p')\n"
        "except ValueError as error:\n    print(error)\n"
        "print(int(peak_memory() - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    said, megabytes = done.stdout.splitlines()
    assert said.startswith("unreadable image: p in")
    assert int(megabytes) < 120


def test_a_text_in_a_zip_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("facemtl.data.archive.MOST_LIST", 1000)
    path = tmp_path / "mtfl.zip"
    zipped(path, zipfile.ZIP_DEFLATED, **{"training.txt": bytes(1001)})
    with pytest.raises(InputError, match=r"Expected a list of MTFL\. Received"):
        read_mtfl(path, "train")


def test_boxes_are_read_with_the_same_limits(tmp_path):
    file = tmp_path / "boxes.csv"
    with file.open("wb") as out:
        out.truncate(2**31)
    with pytest.raises(InputError, match="2,147,483,648 bytes or more"):
        read_boxes(file)


def test_an_open_file_is_read_up_to_the_limit(monkeypatch):
    monkeypatch.setenv(photo_limits.VARIABLE, "0.01")
    with (
        Path("/dev/zero").open("rb") as endless,
        pytest.raises(InputError, match="of at most 80,000 bytes"),
    ):
        as_rgb(endless)
    np.testing.assert_array_equal(
        as_rgb(BytesIO(coded(".png"))), PHOTO[..., ::-1]
    )
