"""`facemtl data convert`: convert labels of common formats to a CSV.

| file                     | what it does                                     |
|--------------------------|--------------------------------------------------|
| `formats.py`             | the formats, each with its reader                |
| `pts.py`, `pts_file.py`  | iBUG's `.pts` files, such as those of 300-W      |
| `coco….py`               | COCO keypoints, and the faces of COCO-WholeBody  |
| `wflw.py`                | WFLW's lists                                     |
| `celeba….py`             | CelebA's lists                                   |
| `labels.py`              | `Labels`, which readers return; their validation |
| `points.py`              | names and mirror rules of 68 and 98 points       |
| `photos.py`, `splits.py` | find photos; read splits from names              |
| `write.py`, `summary.py` | write the CSV and `tasks.toml`; print a summary  |

A reader takes paths and returns pixels that count from 0, at the centre of a
photo's first pixel, as everywhere in facemtl.
"""
