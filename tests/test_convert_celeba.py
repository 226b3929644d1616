"""CelebA's lists: official and Kaggle's, of aligned photos and of others."""

import pytest

from facemtl.data.csv.reader import csv_splits, read_csv
from facemtl.errors import InputError
from facemtl.tasks import LANDMARKS, load_tasks
from tests.convert_case import cells, convert, photo

NAMES = ("5_o_Clock_Shadow", "Male", "Smiling")
CODES = {"000001.jpg": (-1, 1, -1), "000002.jpg": (1, -1, 1)}
ALIGNED = {"000001.jpg": range(60, 70), "000002.jpg": range(40, 50)}
WILD = {"000001.jpg": range(160, 170), "000002.jpg": range(140, 150)}
BOXES = {"000001.jpg": (95, 71, 226, 313), "000002.jpg": (72, 94, 221, 306)}
PARTS = {"000001.jpg": (2,), "000002.jpg": (0,)}
POINTS = [
    f"{point}_{axis}"
    for point in ("lefteye", "righteye", "nose", "leftmouth", "rightmouth")
    for axis in "xy"
]
COLUMNS = {
    "list_attr_celeba": (NAMES, CODES),
    "list_landmarks_align_celeba": (POINTS, ALIGNED),
    "list_landmarks_celeba": (POINTS, WILD),
    "list_bbox_celeba": (("x_1", "y_1", "width", "height"), BOXES),
    "list_eval_partition": (("partition",), PARTS),
}


def write_list(folder, stem, ending=".txt"):
    """One list as the authors wrote it, or as Kaggle has it."""
    names, rows = COLUMNS[stem]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}{ending}"
    if ending == ".csv":
        lines = [",".join(["image_id", *names])]
        lines += [",".join([k, *map(str, row)]) for k, row in rows.items()]
    else:
        # Columns are padded with blanks, and a header ends with one.
        lines = [f"{k}  " + "  ".join(map(str, r)) for k, r in rows.items()]
        head = ["image_id"] * (stem == "list_bbox_celeba") + list(names)
        if stem != "list_eval_partition":
            lines = [str(len(rows)), " ".join(head) + " ", *lines]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def celeba(tmp_path):
    """Writes a folder with all lists, and photos in the named folders."""

    def make(*photos, ending=".txt"):
        root = tmp_path / "CelebA"
        for stem in COLUMNS:
            place = "Eval" if stem == "list_eval_partition" else "Anno"
            write_list(root / (place if ending == ".txt" else ""), stem, ending)
        for folder in photos:
            for name in CODES:
                photo(root / folder / name)
        return root

    return make


@pytest.mark.parametrize(
    ("photos", "ending"),
    [
        ("Img/img_align_celeba", ".txt"),
        ("img_align_celeba/img_align_celeba", ".csv"),
    ],
    ids=["official", "Kaggle"],
)
def test_aligned_photos(celeba, tmp_path, capsys, photos, ending):
    root = celeba(photos, ending=ending)
    path = tmp_path / "out/faces.csv"
    convert(root, "--to", path)
    first, second = cells(path)
    assert first["file"] == f"../CelebA/{photos}/000001.jpg"
    assert [first[name] for name in NAMES] == ["no", "yes", "no"]
    assert [second[name] for name in NAMES] == ["yes", "no", "yes"]
    assert (first["split"], second["split"]) == ("test", "train")
    assert (first["left"], first["bottom"]) == ("", "")
    faces = read_csv(path)
    assert faces.labels["landmarks"][0].tolist() == [
        [60, 61],
        [62, 63],
        [64, 65],
        [66, 67],
        [68, 69],
    ]
    assert faces.labels["Male"].tolist() == [1, 0]
    assert csv_splits(path) == ("train", "test")
    tasks = load_tasks(path.with_name("tasks.toml"))
    assert tasks[0] == LANDMARKS
    assert [task.name for task in tasks[1:]] == list(NAMES)
    assert tasks[1].names == ("no", "yes")
    printed = capsys.readouterr().out
    assert f"Left out: list_bbox_celeba{ending}, since" in printed
    assert f"Left out: list_landmarks_celeba{ending}, since" in printed
    assert "Boxes: 0 given, 2 to be derived from the points." in printed


def test_photos_in_the_wild(celeba, tmp_path):
    path = tmp_path / "faces.csv"
    convert(celeba("Img/img_celeba"), "--to", path)
    faces = read_csv(path)
    assert faces.names[0] == "CelebA/Img/img_celeba/000001.jpg"
    assert faces.boxes.tolist() == [[95, 71, 321, 384], [72, 94, 293, 400]]
    assert faces.labels["landmarks"][1, 4].tolist() == [148, 149]


def test_both_kinds_of_photos(celeba, tmp_path):
    root = celeba("Img/img_celeba", "Img/img_align_celeba")
    path = tmp_path / "faces.csv"
    with pytest.raises(InputError, match="Name the folder with --photos DIR"):
        convert(root, "--to", path)
    convert(root, "--to", path, "--photos", root / "Img/img_celeba")
    assert cells(path)[0]["left"] == "95.0"
    (root / "Anno/list_landmarks_celeba.txt").unlink()
    convert(root, "--to", path, "--overwrite")
    assert cells(path)[0]["x1"] == "60.0"


@pytest.mark.parametrize(
    ("folder", "stem"),
    [
        ("img_align_celeba", "list_bbox_celeba"),
        ("img_align_celeba", "list_landmarks_celeba"),
        ("img_celeba", "list_landmarks_align_celeba"),
    ],
)
def test_named_lists_of_other_photos_are_refused(
    celeba, tmp_path, folder, stem
):
    root = celeba(f"Img/{folder}")
    named = root / f"Anno/{stem}.txt"
    kind = "not aligned" if folder == "img_celeba" else "aligned"
    with pytest.raises(InputError) as error:
        convert(
            *(root / "Anno/list_attr_celeba.txt", named),
            *("--to", tmp_path / "faces.csv"),
        )
    assert str(error.value) == (
        f"{named}: expected photos that its points or boxes belong to. "
        f"Received: {root}/Img/{folder}, where photos are {kind}. Name the "
        "list's own photos with --photos DIR, or leave it out."
    )


def test_points_of_other_photos_alone_are_refused(celeba, tmp_path):
    root = celeba("Img/img_align_celeba")
    (root / "Anno/list_landmarks_align_celeba.txt").unlink()
    with pytest.raises(InputError, match=r"landmarks_celeba\.txt: expected"):
        convert(root, "--to", tmp_path / "faces.csv")


def test_photos_of_another_name_are_known_by_their_size(celeba, tmp_path):
    import cv2
    import numpy as np

    root = celeba("wild")
    path = tmp_path / "faces.csv"
    convert(root, "--to", path, "--photos", root / "wild")
    assert cells(path)[0]["x1"] == "160.0"
    image = np.zeros((218, 178, 3), np.uint8)
    for name in CODES:
        cv2.imwrite(str(root / "wild" / name), image)
    convert(root, "--to", path, "--photos", root / "wild", "--overwrite")
    assert cells(path)[0]["x1"] == "60.0"


def test_attributes_alone_need_the_detector(celeba, tmp_path, capsys):
    root = celeba("Img/img_align_celeba")
    source = root / "Anno/list_attr_celeba.txt"
    convert(source, "--to", tmp_path / "faces.csv")
    (first, _) = cells(tmp_path / "faces.csv")
    assert "x1" not in first
    assert first["Smiling"] == "no"
    printed = capsys.readouterr().out
    assert "2 faces in 2 photos, no points, 3 attributes" in printed
    assert "Boxes: 0 given, 2 to be detected." in printed
    assert printed.rstrip().endswith("--set data.boxes=detect")


def test_png_photos(celeba, tmp_path):
    root = celeba("img_align_celeba_png")
    for path in list(root.glob("*/*.jpg")):
        path.rename(path.with_suffix(".png"))
    convert(root, "--to", tmp_path / "faces.csv")
    assert cells(tmp_path / "faces.csv")[0]["file"].endswith("/000001.png")


@pytest.mark.parametrize(
    ("stem", "old", "new", "message"),
    [
        (
            *("attr", "-1  1  -1", "-1  0  -1"),
            "3 (000001.jpg): class out of range: Male is '0', expected -1 or 1",
        ),
        (
            *("attr", "-1  1  -1", "-1  1"),
            "3 (000001.jpg): truncated row: expected 3 fields, received 2",
        ),
        (
            *("attr", "000002", "000001"),
            "4 (000001.jpg): photo listed twice: row 3 has it too",
        ),
        (
            *("landmarks_align", "60  61", "60  x"),
            "3 (000001.jpg): NaN or not a number: lefteye_y is 'x'",
        ),
        (
            *("landmarks_align", "60  61", "60  inf"),
            "3 (000001.jpg): NaN or not a number: lefteye_y is 'inf'",
        ),
    ],
    ids=["zero", "short", "twice", "text", "infinite"],
)
def test_an_invalid_row_is_named(celeba, tmp_path, stem, old, new, message):
    path = celeba("img_align_celeba") / f"Anno/list_{stem}_celeba.txt"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        convert(path.parents[1], "--to", tmp_path / "faces.csv")
    assert str(error.value).startswith(f"{path}, row {message}. ")


def test_partition(celeba, tmp_path):
    root = celeba("img_align_celeba")
    path = root / "Eval/list_eval_partition.txt"
    path.write_text("000001.jpg 3\n000002.jpg 1\n")
    to = tmp_path / "faces.csv"
    with pytest.raises(InputError) as error:
        convert(root, "--to", to)
    assert str(error.value).startswith(
        f"{path}, row 1 (000001.jpg): unknown split: partition is '3', "
        "expected 0, 1 or 2."
    )
    path.write_text("000002.jpg 1\n")
    with pytest.raises(InputError, match=r"partition\.txt lacks the photo"):
        convert(root, "--to", to)
    convert(root, "--to", to, "--skip-bad")
    assert [row["split"] for row in cells(to)] == ["val"]


@pytest.mark.parametrize(
    ("stem", "old", "new", "message"),
    [
        (
            *("attr", "2\n", "3\n"),
            ": expected as many rows as its first line gives. Received: 2 "
            "rows, but the line '3'.",
        ),
        (
            *("landmarks_align", "lefteye_x lefteye_y", "lefteye_y lefteye_x"),
            ", row 2: expected the columns lefteye_x, lefteye_y,",
        ),
        (
            *("attr", "Male", "Fe/male"),
            ", row 2: expected distinct names of ASCII letters, digits and "
            "'_'. Received: Fe/male.",
        ),
        (
            *("attr", "Male", "Smiling"),
            ", row 2: expected distinct names of ASCII letters, digits and "
            "'_'. Received: Smiling, Smiling.",
        ),
    ],
    ids=["count", "columns", "name", "same name"],
)
def test_another_head(celeba, tmp_path, stem, old, new, message):
    path = celeba("img_align_celeba") / f"Anno/list_{stem}_celeba.txt"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError) as error:
        convert(path.parents[1], "--to", tmp_path / "faces.csv")
    assert str(error.value).startswith(f"{path}{message}")


def test_what_is_needed(celeba, tmp_path):
    root = celeba()
    to = tmp_path / "faces.csv"
    with pytest.raises(
        InputError, match=r"Received: neither\. Name the folder"
    ):
        convert(root, "--to", to)
    with pytest.raises(InputError, match="expected CelebA's list_attr_celeba"):
        convert(root / "Eval", "--to", to)
    write_list(root / "copy", "list_attr_celeba")
    with pytest.raises(InputError, match="expected one list of this name"):
        convert(root, "--to", to)


def test_a_photo_that_one_list_lacks_is_not_labelled_there(celeba, tmp_path):
    root = celeba("img_align_celeba")
    path = root / "Anno/list_attr_celeba.txt"
    path.write_text("1\nMale Smiling\n000002.jpg 1 -1\n")
    convert(root, "--to", tmp_path / "faces.csv")
    rows = {
        row["file"][-10:]: row["Male"] for row in cells(tmp_path / "faces.csv")
    }
    assert rows == {"000002.jpg": "yes", "000001.jpg": ""}
