"""The JSON of a predicted face, as `facemtl predict --json` writes it."""

import json

import facemtl


def example_face() -> str:
    """A drawn face as the preset `base` predicts it, an entry a line."""
    predictor = facemtl.Predictor.load("base")
    drawn = facemtl.synthetic_faces(1)
    (face,) = json.loads(predictor(drawn.images.read(drawn.names[0])).to_json())
    entries = ",\n".join(_entry(key, value) for key, value in face.items())
    return f"{{\n{entries}\n}}"


def _entry(key: str, value: object) -> str:
    """Return an entry in one line, or a table of entries in a line each."""
    if isinstance(value, dict) and any(
        isinstance(x, dict | list) for x in value.values()
    ):
        lines = ",\n".join(
            f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()
        )
        return f"  {json.dumps(key)}: {{\n{lines}\n  }}"
    return f"  {json.dumps(key)}: {json.dumps(value)}"
