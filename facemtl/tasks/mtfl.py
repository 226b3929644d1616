"""The tasks of MTFL."""

from facemtl.tasks.task import Task

LANDMARKS = Task(
    "landmarks",
    "landmarks",
    # "Left" is the left of the image everywhere in facemtl.
    (
        "left eye",
        "right eye",
        "nose",
        "left mouth corner",
        "right mouth corner",
    ),
    (1, 0, 2, 4, 3),
)
SMILE = Task("smile", "classes", ("yes", "no"))
GENDER = Task("gender", "classes", ("male", "female"))
GLASSES = Task("glasses", "classes", ("yes", "no"))
POSE = Task(
    "pose",
    "classes",
    ("left profile", "left", "frontal", "right", "right profile"),
    (4, 3, 2, 1, 0),
)
MTFL_TASKS = (LANDMARKS, SMILE, GENDER, GLASSES, POSE)
