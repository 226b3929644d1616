"""Faces drawn from numbers: a 3-D head, its skin, its light, its photo.

| file          | what it knows                                              |
|---------------|------------------------------------------------------------|
| `draws.py`    | reproducible random numbers of face `index` of `seed`      |
| `sample.py`   | who, how and where: the random parameters of N faces       |
| `head.py`     | the head's surface in 3-D, landmarks, rotation, projection |
| `mesh.py`     | which part of the head each pixel of the photo shows       |
| `light.py`    | brightness of the head's surface                           |
| `look.py`     | colours and style of one face                              |
| `paint.py`    | polygons on an image: sharp, soft, see-through             |
| `skin.py`     | the head's colours: skin, brows, nose, beard               |
| `eyes.py`, `mouth.py`, `hair.py` | their parts of those colours            |
| `scene.py`    | background, body, ears, long hair                          |
| `wear.py`     | glasses and hats                                           |
| `obstacles.py`| what gets between the camera and the face                  |
| `photo.py`    | what a camera and a file do to a picture                   |
| `draw.py`     | all of it, in order                                        |

Lengths are in units of the eye distance of a median head.
"""
