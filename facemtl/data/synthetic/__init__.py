"""Draw synthetic faces: a 3-D head, its skin, its light and its photo.

| file          | what it does                                               |
|---------------|------------------------------------------------------------|
| `draws.py`    | reproducible random numbers for face `index` of `seed`     |
| `sample.py`   | random parameters and labels of N faces                    |
| `head.py`     | the head's surface in 3-D, landmarks, rotation, projection |
| `mesh.py`     | maps each pixel of the photo to a place on the head        |
| `light.py`    | brightness of the head's surface                           |
| `look.py`     | random colours and style of one face                       |
| `paint.py`    | polygons on an image: sharp, soft, transparent             |
| `skin.py`     | the head's colours: skin, brows, nose, beard               |
| `eyes.py`, `mouth.py`, `hair.py` | the colours of eyes, mouth and hair     |
| `scene.py`    | background, body, ears, long hair                          |
| `wear.py`     | glasses and hats                                           |
| `obstacles.py`| objects between the camera and the face                    |
| `photo.py`    | effects of the camera and of JPEG compression              |
| `draw.py`     | draws a photo from all of these                            |

Lengths are in units of the eye distance of a median head.
"""
