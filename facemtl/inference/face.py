"""`Face`: the predictions for one face in a photo."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.geometry.head_pose import MEAN_HEAD, HeadPose, head_pose
from facemtl.inference.drawing import draw_faces
from facemtl.inference.face_crops import aligned_crop, box_crop, checked_size
from facemtl.inference.templates import Template, aligning, places
from facemtl.photos.photo import Photo, as_rgb

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Attribute:
    """The most probable class of an attribute.

    Attributes:
        name: name of the class, such as "yes".
        probability: probability of that class, 0 to 1.
        probabilities: {class: probability} of all classes.
    """

    name: str
    probability: float
    probabilities: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Face:
    """One face in a photo.

    Photos are anything that `facemtl.photos.photo.as_rgb` takes: a file, its
    bytes, an array or a Pillow image. It must be the photo of the face. The
    methods return (H, W, 3) uint8, RGB.

    Attributes:
        box: left, top, right, bottom of the network's input in photo pixels.
        points: {name: (x, y)} in photo pixels, counted from 0 at the centre
            of the first pixel. "Left" is the left of the image.
        attributes: {task: class and probability}.
        values: {task: number} of value tasks.
        score: score of the detection, 0 to 1; None for a given box.
        points_sigma: {name: standard deviation of the point per axis in photo
            pixels}; half of the points are within 1.18 of it on faces like the
            validation faces. Empty if the network does not predict it.
        confidence: probability that the box shows a face, by the deviations
            of its points; None if the network does not predict them.

    Example:

    >>> face = Face((0.0, 0.0, 9.0, 9.0), {"nose": (4.5, 5.125)})
    >>> face.to_dict()["points"]
    {'nose': [4.5, 5.12]}
    >>> face
    Face(box=(0, 0, 9, 9), points=1)
    """

    box: Box
    points: Mapping[str, Point] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    score: float | None = None
    points_sigma: Mapping[str, float] = field(default_factory=dict)
    confidence: float | None = None

    def __repr__(self) -> str:
        """Return box, number of points, classes, values and score."""
        box = ", ".join(f"{x:.0f}" for x in self.box)
        parts = [f"box=({box})", f"points={len(self.points)}"]
        parts += [f"{task}={x.name!r}" for task, x in self.attributes.items()]
        parts += [f"{task}={x:.3g}" for task, x in self.values.items()]
        if self.score is not None:
            parts.append(f"score={self.score:.2f}")
        return f"Face({', '.join(parts)})"

    @property
    def pose(self) -> HeadPose | None:
        """Yaw, pitch and roll of the head in degrees (see `HeadPose`).

        None for a face without one of the eyes, the nose and both mouth
        corners, or with points that no head has (see `head_pose`).
        """
        points = places(self.points, MEAN_HEAD)
        return None if points is None else head_pose(points)

    def array(self, names: Sequence[str] | None = None) -> np.ndarray:
        """Return the points as an array (P, 2) of float64, in photo pixels.

        Args:
            names: the points to return, in this order. By default all, in the
                order of the network's tasks (`Task.names`).

        Raises:
            InputError: for a name that is no point of the face.

        Example:

        >>> face = Face((0, 0, 9, 9), {"nose": (4.5, 5.0), "chin": (4.0, 8.0)})
        >>> face.array(["chin", "nose"]).tolist()
        [[4.0, 8.0], [4.5, 5.0]]
        """
        given = list(self.points) if names is None else names
        unknown = [name for name in given if name not in self.points]
        if isinstance(given, str) or unknown:
            raise InputError(
                f"Expected names of points, a list of some of "
                f"{list(self.points)}. Received: {given!r}."
            )
        places = [self.points[name] for name in given]
        return np.array(places, np.float64).reshape(-1, 2)

    def transform(
        self, size: int = 112, template: Template = "arcface"
    ) -> np.ndarray:
        """Return the (2, 3) matrix from photo pixels to those of `aligned`.

        Its similarity (scale, rotation and shift) moves the points of the face
        nearest to the template's, by the sum of squared distances.

        Args:
            size: width and height of the aligned face in pixels.
            template: see `aligned`.

        Raises:
            InputError: see `aligned`.

        Example:

        >>> eyes = {"left eye": (20.0, 40.0), "right eye": (60.0, 40.0)}
        >>> face = Face((0.0, 0.0, 80.0, 80.0), eyes)
        >>> level = {"left eye": (0.3, 0.5), "right eye": (0.7, 0.5)}
        >>> face.transform(100, level).round(6).tolist()
        [[1.0, 0.0, 9.5], [0.0, 1.0, 9.5]]
        """
        size = checked_size(size)
        return aligning(self.points, size, template).matrix()

    def aligned(
        self,
        photo: Photo,
        size: int = 112,
        template: Template = "arcface",
        bgr: bool = False,
    ) -> np.ndarray:
        """Return the face upright in a standard position, for recognition.

        The photo's edge pixels are repeated beyond its edges. Large faces are
        averaged, not subsampled (see `facemtl.geometry.crops.crop`).

        Args:
            photo: the photo of the face.
            size: width and height in pixels, 1 to 1,024.
            template: `"arcface"`, the five positions of InsightFace's
                `norm_crop` in 112 pixels, scaled for other sizes; or
                `{point: (x, y)}` of two or more points, from (0, 0) at the
                top left corner of the result to (1, 1). "left eye" of a
                template is also the mean of "left eye 1", "left eye 2", …
            bgr: whether an array has OpenCV's channel order.

        Raises:
            InputError: for an invalid photo, size or template, a template with
                points that the face lacks, or points that are not finite or
                all at one place.
        """
        pixels = as_rgb(photo, bgr)
        return aligned_crop(pixels, self.points, size, template)

    def crop(
        self,
        photo: Photo,
        margin: float = 0.0,
        size: int | None = None,
        bgr: bool = False,
    ) -> np.ndarray:
        """Return the upright square round the box.

        Its side is the box's larger side, as in the network's crops. The
        photo's edge pixels are repeated beyond its edges.

        Args:
            photo: the photo of the face.
            margin: share of the side that is added on each of the four sides.
            size: width and height in pixels, 1 to 1,024. By default, whole
                pixels of the photo are copied.
            bgr: whether an array has OpenCV's channel order.

        Raises:
            InputError: for an invalid photo, margin or size.
        """
        return box_crop(as_rgb(photo, bgr), self.box, margin, size)

    def draw(self, photo: Photo, bgr: bool = False) -> np.ndarray:
        """Return a copy of the photo with this face annotated.

        Args:
            photo: the photo of the face; enlarged if smaller than 480 pixels.
            bgr: whether an array has OpenCV's channel order.

        Raises:
            InputError: for an invalid photo.
        """
        return draw_faces(as_rgb(photo, bgr), [self])

    def to_dict(self) -> dict[str, Any]:
        """Return lists and numbers for JSON, with pixels rounded to 0.01.

        `score` is None for a given box, `confidence` if it is unknown, and
        `head_pose` (in degrees) where `pose` is.
        """
        pose = self.pose
        attributes: dict[str, Any] = {
            task: {
                "class": x.name,
                "probability": round(x.probability, 4),
                "probabilities": {
                    name: round(p, 4) for name, p in x.probabilities.items()
                },
            }
            for task, x in self.attributes.items()
        }
        for task, value in self.values.items():
            attributes[task] = {"value": round(value, 4)}
        return {
            "box": [round(x, 2) for x in self.box],
            "points": {
                name: [round(x, 2), round(y, 2)]
                for name, (x, y) in self.points.items()
            },
            "points_sigma": {
                name: round(x, 2) for name, x in self.points_sigma.items()
            },
            "attributes": attributes,
            "head_pose": pose
            and {name: round(angle, 2) for name, angle in asdict(pose).items()},
            "score": _rounded(self.score),
            "confidence": _rounded(self.confidence),
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
