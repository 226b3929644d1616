"""Look at labelled faces, and say what may be wrong with them.

| module | looks for |
|---|---|
| `places` | points at (0, 0) and the like that stand for "not visible" |
| `units`, `readings` | labels in other units, boxes in another order |
| `turns` | labels of the photo before its EXIF orientation turns it |
| `sides` | left and right points the other way round, x and y swapped |
| `extents` | tiny faces, labels far outside photo or box |
| `classes`, `values` | labels that hardly vary, outliers, uneven splits |
| `duplicates` | one photo, or nearly, in two splits or with two labels |

Each has functions from `Seen`, all faces of all splits in one table, to a list
of `Finding`.
"""
