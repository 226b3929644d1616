"""`facemtl data convert`: labels of common formats as a CSV of facemtl.

| file                     | what it does                                     |
|--------------------------|--------------------------------------------------|
| `formats.py`             | the formats, each with its reader                |
| `pts.py`, `pts_file.py`  | iBUG's `.pts` files, as of 300-W                 |
| `coco….py`               | COCO keypoints, and the faces of COCO-WholeBody  |
| `wflw.py`                | WFLW's lists                                     |
| `celeba….py`             | CelebA's lists                                   |
| `labels.py`              | `Labels`: what a reader returns; which are valid |
| `points.py`              | names and mirror rules of 68 and 98 points       |
| `photos.py`, `splits.py` | where photos lie; splits that names tell         |
| `write.py`, `summary.py` | the CSV with its `tasks.toml`; what is printed   |

A reader takes paths and returns pixels that count from 0 at the centre of a
photo's first pixel, as everywhere in facemtl.
"""
