"""The tasks: names, sizes and mirror rules of what a network predicts.

A task is one property of a face to learn. Three kinds exist:

| kind        | label of one face     | missing | prediction            |
|-------------|-----------------------|---------|-----------------------|
| `landmarks` | (P, 2) float, (x, y)  | NaN     | (P, 2) in [0, 1]      |
| `classes`   | integer from 0        | -1      | (K,) probabilities    |
| `value`     | float                 | NaN     | (1,) float            |

Single points of a face may also be missing: such a point is NaN.
"""

from facemtl.tasks.layouts import find_layout, layout_names
from facemtl.tasks.mtfl import (
    GENDER,
    GLASSES,
    LANDMARKS,
    MTFL_TASKS,
    POSE,
    SMILE,
)
from facemtl.tasks.normalizer import Normalizer
from facemtl.tasks.outputs import no_predictions, sigma_name, spread_name
from facemtl.tasks.rules import is_mirror_rule
from facemtl.tasks.task import (
    KINDS,
    Task,
    check_task_names,
    landmarks_task,
)
from facemtl.tasks.toml import (
    load_layout,
    load_tasks,
    read_tasks_toml,
    tasks_of,
)

__all__ = [
    "GENDER",
    "GLASSES",
    "KINDS",
    "LANDMARKS",
    "MTFL_TASKS",
    "POSE",
    "SMILE",
    "Normalizer",
    "Task",
    "check_task_names",
    "find_layout",
    "is_mirror_rule",
    "landmarks_task",
    "layout_names",
    "load_layout",
    "load_tasks",
    "no_predictions",
    "read_tasks_toml",
    "sigma_name",
    "spread_name",
    "tasks_of",
]
