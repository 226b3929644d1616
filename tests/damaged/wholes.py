"""A whole file of each kind of text that facemtl reads, and its reader."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from facemtl.config import load_config
from facemtl.data.convert.formats import Source, read_labels
from facemtl.data.csv.reader import read_csv
from facemtl.data.csv.tasks import read_declared
from facemtl.data.faces import BadRows, Faces
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.dotted_names import flat
from facemtl.geometry.crops import CropSpec
from facemtl.inference.sidecar import Sidecar, read_sidecar
from facemtl.predict.boxes import read_boxes
from facemtl.studies.study import load_study
from facemtl.tasks import MTFL_TASKS
from facemtl.tuning.space import load_space

PLACE = "15,31,23,17,29,20,20,28,36,36"
HEADER = "file,x1,x2,x3,x4,x5,y1,y2,y3,y4,y5,smile,pose,split"
POINTS = " ".join(f"{5 + i % 7}.5 {6 + i % 9}.25" for i in range(98))
CELEBA = "lefteye righteye nose leftmouth rightmouth"


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: of the kind.
        file: the file's name.
        text: a whole example.
        read: from the file to what it holds, in words.
        form: of the text: "table" (numbers in rows), "toml" or "json".
        photos: files that must lie beside it.
    """

    name: str
    file: str
    text: str
    read: Callable[[Path], str]
    form: str = "table"
    photos: tuple[str, ...] = ()


def _faces(faces: Faces) -> str:
    labels = {name: np.round(x, 6).tolist() for name, x in faces.labels.items()}
    boxes = np.round(faces.boxes, 6).tolist()
    names = [Path(name).name for name in faces.names.tolist()]
    return repr((names, boxes, labels, [t.names for t in faces.tasks]))


def _csv(path: Path) -> str:
    return _faces(read_csv(path))


def _converted(form: str) -> Callable[[Path], str]:
    def read(path: Path) -> str:
        labels = read_labels(Source((path,), form), BadRows())[1]
        splits = labels.splits
        return _faces(labels.faces) + repr(
            None if splits is None else splits.tolist()
        )

    return read


def _study(path: Path) -> str:
    study = load_study(path)
    variants = [(v.name, v.group, flat(v.config)) for v in study.variants]
    about = study.title, study.question, study.seeds, study.baselines
    return repr((*about, variants))


def _space(path: Path) -> str:
    space = load_space(path)
    return repr(
        (space.settings, space.search, dict(space.limits))
        + tuple(asdict(one) for one in space.hyperparameters)
    )


def _declared(path: Path) -> str:
    declared = read_declared(path)
    declared.check_codes(())
    return repr((declared.tasks, declared.codes))


def _rows(*rows: str) -> str:
    return "\n".join(rows) + "\n"


_CELEBA_POINTS = " ".join(f"{p}_{a}" for p in CELEBA.split() for a in "xy")
KINDS: tuple[Kind, ...] = (
    Kind(
        "CSV of labels",
        "faces.csv",
        _rows(
            HEADER,
            *(f"{i}.jpg,{PLACE},yes,{i % 5},train" for i in range(8)),
            f'"a b.jpg",{PLACE},,,val',
            f"caf\u00e9.jpg,{PLACE},no,3,test",
        ),
        _csv,
    ),
    Kind(
        "TSV of labels",
        "faces.tsv",
        _rows(
            HEADER.replace(",", "\t"),
            *(
                f"{i}.jpg,{PLACE},no,frontal,train".replace(",", "\t")
                for i in range(8)
            ),
        ),
        _csv,
    ),
    Kind(
        "CSV of boxes",
        "boxes.csv",
        _rows(
            "file,left,top,right,bottom",
            *(f"{i}.jpg,{i},{i + 1}.5,{i + 40},{i + 50}" for i in range(6)),
        ),
        lambda path: repr(read_boxes(path)),
    ),
    Kind(
        "tasks.toml",
        "tasks.toml",
        _rows(
            "# What the columns are about.",
            "[[task]]",
            'name = "mood"',
            'kind = "classes"',
            'names = ["calm", "cross", "caf\u00e9"]',
            "[[task]]",
            'name = "points"',
            'kind = "landmarks"',
            'names = ["left eye", "right eye", "chin"]',
            'mirror = [["left eye", "right eye"]]',
            "[[task]]",
            'name = "turn"',
            'kind = "value"',
            'mirror = "negate"',
            "[codes.mood]",
            '"0" = "calm"',
            '"1" = "cross"',
        ),
        _declared,
        "toml",
    ),
    Kind(
        "configuration",
        "config.toml",
        _rows(
            "[data]",
            "size = 48",
            'color = "rgb"',
            "labelled = { glasses = 0.1 }",
            "[augment]",
            "mirror = false",
            "rotation = 10.0",
            "[model]",
            'architecture = "cross_stitch"',
            "channels = [8, 16, 24, 32, 40]",
            'streams = [["landmarks"], ["smile"]]',
            "[model.stitch]",
            "alpha = [0.8, 0.2]",
            "[train]",
            "epochs = 4",
            "average = 0.99",
            "seed = 3",
        ),
        lambda path: repr(flat(load_config(file=path))),
        "toml",
    ),
    Kind(
        "study",
        "study.toml",
        _rows(
            'title = "Small"',
            "seeds = 2",
            'baselines = ["one"]',
            "[settings]",
            "train.epochs = 3",
            "[[groups]]",
            'name = "first"',
            "[[groups.variants]]",
            'name = "only here"',
            'model = "single"',
            "[[variants]]",
            'name = "one"',
            "[[variants]]",
            'name = "width {}"',
            "each = { model.width = [0.5, 1.0] }".replace(
                "model.width", '"model.width"'
            ),
        ),
        _study,
        "toml",
    ),
    Kind(
        "space",
        "space.toml",
        _rows(
            "[settings]",
            'model.architecture = "split"',
            "[search]",
            "train.epochs = 2",
            "[limits]",
            "parameters = 2000000",
            "[[hyperparameters]]",
            'key = "train.learning_rate"',
            "low = 0.001",
            "high = 0.1",
            "log = true",
            "[[hyperparameters]]",
            'key = "train.batch_size"',
            "choice = [16, 32, 64]",
            "[[hyperparameters]]",
            'key = "augment.rotation"',
            "low = 0.0",
            "high = 20.0",
            'when = { "train.batch_size" = [16] }',
            "otherwise = 5.0",
        ),
        _space,
        "toml",
    ),
    Kind(
        "sidecar",
        "facemtl.json",
        Sidecar(MTFL_TASKS, CropSpec(size=40)).to_json(),
        lambda path: read_sidecar(path).to_json(),
        "json",
    ),
    Kind(
        "COCO keypoints",
        "faces.json",
        """{
 "images": [
  {"id": 1, "file_name": "0.jpg", "width": 90, "height": 90},
  {"id": 2, "file_name": "1.jpg", "width": 90, "height": 90}
 ],
 "annotations": [
  {"id": 7, "image_id": 1, "category_id": 1, "bbox": [1, 2, 40, 50],
   "keypoints": [10, 20, 2, 30, 20, 1, 20, 35.5, 2]},
  {"id": 8, "image_id": 2, "category_id": 1, "bbox": [5, 6, 40.5, 50],
   "keypoints": [11, 21, 2, 31, 21, 2, 0, 0, 0]}
 ],
 "categories": [
  {"id": 1, "name": "face", "keypoints": ["left_eye", "right_eye", "nose"]}
 ]
}
""",
        _converted("coco"),
        "json",
        ("0.jpg", "1.jpg"),
    ),
    Kind(
        "WFLW's list",
        "list_98pt_rect_attr_train.txt",
        _rows(
            *(
                f"{POINTS} 2 3 15 16 0 1 0 0 1 0 {i}.jpg"
                for i in ("0", "1", "2")
            )
        ),
        _converted("wflw"),
        photos=tuple(f"WFLW_images/{i}.jpg" for i in range(3)),
    ),
    Kind(
        "iBUG's points",
        "0.pts",
        _rows(
            "version: 1",
            "n_points: 5",
            "{",
            *("15.5 20", "31 20.25", "23 28", "17 36", "29 36"),
            "}",
        ),
        _converted("pts"),
        photos=("0.jpg",),
    ),
    Kind(
        "CelebA's attributes",
        "list_attr_celeba.txt",
        _rows(
            "3",
            "Bald Smiling Young",
            *(f"{i}.jpg  1 -1  1" for i in range(3)),
        ),
        _converted("celeba"),
        photos=tuple(f"img_align_celeba/{i}.jpg" for i in range(3)),
    ),
    Kind(
        "CelebA's points",
        "list_landmarks_align_celeba.txt",
        _rows(
            "3",
            _CELEBA_POINTS,
            *(f"{i}.jpg 69 109 106 113 77 142 73 152 108 154" for i in "012"),
        ),
        _converted("celeba"),
        photos=tuple(f"img_align_celeba/{i}.jpg" for i in range(3)),
    ),
    Kind(
        "MTFL's labels",
        "training.txt",
        _rows(
            *(
                f" lfw\\{i}.jpg 30 60 45 35 55 40 40 50 60 60 1 2 1 3"
                for i in range(8)
            )
        ),
        lambda path: _faces(read_mtfl(path.parent, "train")),
    ),
    Kind(
        "MTFL's list of boxes",
        "trainImageList.txt",
        _rows(
            *(
                f"lfw\\{i}.jpg 20 80 25 85 30 40 60 40 45 50 35 60 55 60"
                for i in range(8)
            )
        ),
        lambda path: _faces(read_mtfl(path.parent, "train")),
    ),
)
