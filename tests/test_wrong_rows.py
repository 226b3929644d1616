"""Rows that would be wrong without a word: boxes, points, photos, numbers."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
from csv_case import write_lines
from mtfl_fixture import PLACE, POINTS

from facemtl.compare import parser as compare_parser
from facemtl.data.boxes import read_box_list
from facemtl.data.checks import number
from facemtl.data.convert.celeba_lists import BOXES, WILD, read_list
from facemtl.data.convert.celeba_lists import COLUMNS as CELEBA
from facemtl.data.convert.pts_file import read_points
from facemtl.data.convert.wflw import read_wflw
from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import BadRows
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.data.place_checks import check_box_in_photo, check_points_near
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError, RowError
from facemtl.geometry.crops import CropSpec
from facemtl.photos.decoding import decode
from facemtl.photos.photo import as_rgb
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.predict.boxes import read_boxes
from facemtl.tuning.search import parser as search_parser

NO_NUMBERS = (
    "1_0",
    "１０",
    "0x10",
    "1e400",
    "inf",
    "-Infinity",
    "nan",
    "1,0,0",
)
PLAN = CachePlan(CropSpec(size=16))


@pytest.mark.parametrize(
    "box",
    [
        (900, 10, 950, 60),
        (10, -500, 60, -450),
        (-60, -60, -10, -10),
        (195, 290, 245, 340),
        (-1e6, -1e6, 1e6, 1e6),
        (-1e300, 0, 1e300, 9),
    ],
)
def test_a_box_outside_its_photo_is_refused(box):
    with pytest.raises(RowError, match="box outside the photo: left"):
        check_box_in_photo(np.array(box, float), 300, 200)


@pytest.mark.parametrize(
    "box", [(0, 0, 199, 299), (-50, -50, 50, 50), (150, 250, 250, 350)]
)
def test_a_box_that_leaves_its_photo_is_taken(box):
    check_box_in_photo(np.array(box, float), 300, 200)


def test_rows_with_a_box_outside_their_photo_are_skipped():
    faces = synthetic_faces(8, seed=3)
    boxes = faces.boxes.copy()
    boxes[[2, 5]] += 3000
    bad = BadRows(skip=True)
    # Not those of the points, which are labelled as well.
    moved = replace(faces.only(()), boxes=boxes)
    crops = crop_faces(moved, PLAN, bad, verbose=0)
    assert dict(bad.counts) == {"box outside the photo": 2}
    assert (
        crops.faces.names.tolist() == faces.names[[0, 1, 3, 4, 6, 7]].tolist()
    )
    with pytest.raises(InputError, match="box outside the photo: left"):
        crop_faces(moved, PLAN, verbose=0)


def test_a_second_pass_and_a_look_do_not_check_boxes():
    faces = synthetic_faces(2, seed=3).only(())
    moved = replace(faces, boxes=faces.boxes + 3000)
    assert len(crop_faces(moved, PLAN, verbose=0, check=False).faces) == 2
    turned = crop_faces(moved, PLAN, verbose=0, degrees=np.zeros(2))
    assert len(turned.faces) == 2


@pytest.mark.parametrize("shift", [(140, 0), (-140, 0), (0, 140), (90, -120)])
def test_points_beside_their_box_are_refused(shift):
    box = np.array([0.0, 0.0, 100.0, 100.0])
    points = np.array([[30.0, 40.0], [70.0, 40.0], [50.0, 60.0], [50.0, 80.0]])
    points[2] = np.nan
    check_points_near(points, box)
    with pytest.raises(RowError, match="point far from its box"):
        check_points_near(points + shift, box)


def test_a_csv_with_points_beside_their_box_is_refused(tmp_path):
    path = write_lines(
        tmp_path / "faces.csv",
        f"file,left,top,right,bottom,{POINTS}",
        f"a.jpg,0,0,40,40,{PLACE}",
        f"b.jpg,70,0,110,40,{PLACE}",
    )
    with pytest.raises(InputError, match=r"row 3 \(b\.jpg\): point far"):
        read_csv(path)


def test_a_list_of_mtfl_with_boxes_beside_their_points_is_refused(tmp_path):
    row = "a.jpg 30 60 45 35 55 40 40 50 60 60 1 1 1 1"
    (tmp_path / "training.txt").write_text(row)
    (tmp_path / "trainImageList.txt").write_text("a.jpg 400 450 400 450")
    with pytest.raises(
        InputError, match=r"training\.txt, row 1 \(a\.jpg\): point far from"
    ):
        read_mtfl(tmp_path, "train")
    assert len(read_mtfl(tmp_path, "train", boxes="derived")) == 1


@pytest.fixture(scope="module")
def photo():
    """A photo of many details, (H, W, 3)."""
    faces = synthetic_faces(1, seed=9)
    return faces.images.read(faces.names[0])


KINDS = {
    "baseline": [],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 4],
}


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_jpeg_with_an_end_is_refused(kind, share, photo, capfd):
    data = cv2.imencode(".jpg", photo, KINDS[kind])[1].tobytes()
    assert decode(data, "whole.jpg").shape == photo.shape
    cut = data[: int(share * len(data))] + b"\xff\xd9"
    with pytest.raises(RowError, match=r"cut\.jpg is damaged, its lower part"):
        decode(cut, "cut.jpg")
    with pytest.raises(RowError, match="premature end of data segment"):
        as_rgb(cut)
    # What libjpeg says is in the message, and nowhere else.
    assert capfd.readouterr().err == ""


def test_a_jpeg_with_bytes_too_many_is_read(photo):
    data = cv2.imencode(".jpg", photo)[1].tobytes()
    whole = decode(data, "photo.jpg")
    for more in (data + bytes(100), data[:-2] + b"\0\0\0" + data[-2:]):
        np.testing.assert_array_equal(decode(more, "photo.jpg"), whole)


def test_a_photo_that_ends_in_grey_is_read(photo):
    grey = photo.copy()
    grey[len(grey) // 2 :] = 128
    for options in KINDS.values():
        data = cv2.imencode(".jpg", grey, options)[1].tobytes()
        assert decode(data, "grey.jpg").shape == grey.shape


@pytest.mark.slow
@pytest.mark.mtfl
@pytest.mark.parametrize("folder", ["AFLW", "lfw_5590", "net_7876"])
def test_no_real_photo_is_taken_for_a_cut_one(folder, mtfl_root):
    photos = sorted((mtfl_root / folder).glob("*.jpg"))
    assert photos
    for file in photos:
        assert decode(file.read_bytes(), file).ndim == 3


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_plain_number_is_none(text, tmp_path):
    assert not np.isfinite(number(text))
    named = tmp_path / "x.csv"
    for header, row in (
        (f"file,{POINTS}", f"a.jpg,{PLACE}".replace("15", f'"{text}"', 1)),
        ("file,left,top,right,bottom,smile", f'a.jpg,1,1,"{text}",99,yes'),
        ("file,left,top,right,bottom,smile", f'a.jpg,1,1,9,9,"{text}"'),
    ):
        assert text in row
        write_lines(named, header, row)
        with pytest.raises(InputError):
            read_csv(named)
    write_lines(named, "file,left,top,right,bottom", f'a.jpg,1,2,"{text}",9')
    with pytest.raises(InputError, match="row 2: expected four numbers"):
        read_boxes(named)
    with pytest.raises(InputError):
        read_box_list([f"a.jpg 1 {text} 3 4"])
    pts = write_lines(
        tmp_path / "a.pts", "n_points: 1", "{", f"5.0 {text}", "}"
    )
    with pytest.raises(RowError):
        read_points(pts)


@pytest.mark.parametrize("text", ["1_0", "１０", "0x10", "1e400", "inf", "nan"])
def test_no_other_list_takes_it_either(text, tmp_path):
    for stem in (BOXES, WILD):
        columns = CELEBA[stem]
        cells = " ".join([text, *["5"] * (len(columns) - 1)])
        path = write_lines(
            tmp_path / f"{stem}.txt", "1", " ".join(columns), f"a.jpg {cells}"
        )
        with pytest.raises(InputError, match="NaN or not a number"):
            read_list(path, BadRows())
    row = " ".join([text, *["5"] * 199, *["0"] * 6, "a.jpg"])
    path = write_lines(tmp_path / "list_98pt_test.txt", row)
    with pytest.raises(InputError, match="NaN or not a number"):
        read_wflw([path], BadRows())


@pytest.mark.parametrize("size", ["１", "²", "1_0", "9" * 5000, "-1", "0"])
def test_no_file_of_points_declares_such_a_number(size, tmp_path):
    pts = write_lines(tmp_path / "a.pts", f"n_points: {size}", "{", "1 2", "}")
    with pytest.raises(RowError, match="expected n_points: and a number"):
        read_points(pts)


@pytest.mark.parametrize("word", ["1_0", "１０", "²", " 1", "1e3", "9" * 30])
def test_no_command_takes_such_a_number(word, capsys):
    with pytest.raises(SystemExit):
        compare_parser().parse_args(["variants", "--seeds", word])
    assert "--seeds: expected a whole number" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["1_0", "１０", "nan", "inf", "1e400"])
def test_no_search_takes_such_a_time(word, capsys):
    with pytest.raises(SystemExit):
        search_parser().parse_args(["--budget", word])
    said = capsys.readouterr().err
    assert re.search(r"--budget: expected a (finite )?number", said)


def test_a_header_of_many_digits_is_no_column(tmp_path):
    path = write_lines(tmp_path / "faces.csv", "file,x" + "1" * 5000, "a.jpg,1")
    with pytest.raises(InputError, match="expected columns"):
        read_csv(path)
