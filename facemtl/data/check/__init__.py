"""Check labelled faces, and report what may be wrong with them.

| module | what it detects |
|---|---|
| `places` | points at (0, 0) or similar places that stand for "not visible" |
| `units`, `readings` | labels in other units, boxes in another order |
| `turns` | labels of the stored photo, which its EXIF orientation rotates |
| `sides` | exchanged left and right points, exchanged x and y |
| `extents` | tiny faces, labels far outside photo or box |
| `classes`, `values` | nearly constant labels, outliers, uneven splits |
| `duplicates` | equal or similar photos in two splits or with two labels |

Each module has functions from `Seen`, a table of all faces of all splits, to a
list of `Finding`.
"""
