"""Keep files of today's facemtl, which later ones must load.

    python tests/older/make.py NAME

Trains, exports, compares and tunes a tiny network on drawn faces, in a folder
that it removes, and packs what they wrote, with the predictions of the network,
as `tests/older/NAME.tar.xz` (about 80 kB): at each release, under the name of
its version. With `PYTHONPATH=CHECKOUT` it does so by another checkout of
facemtl; it uses nothing of this one. `tests/test_older_files.py` loads all.
"""

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
SETTINGS = ["data.faces=40", "model.width=0.1", "train.batch_size=10"]
SETS = [word for setting in SETTINGS for word in ("--set", setting)]
TABLE = f"settings = {{ {', '.join(SETTINGS)} }}\n"
STUDY = f"""seeds = 1
{TABLE}
[[variants]]
name = "single"
model = "single"
settings.train.epochs = 1
[[variants]]
name = "split"
model = "split"
settings.train.epochs = 1
"""
SPACE = f"""{TABLE}
search = {{ train.epochs = 1 }}
[[hyperparameters]]
key = "train.learning_rate"
low = 0.001
high = 0.01
"""
DRAWN = ("--data", "synthetic")
COMMANDS = (
    ("fit", *DRAWN, *SETS, "--model", "cross_stitch", "--epochs", "1")
    + ("--out", "run"),
    ("export", "run", "--formats", "tflite,onnx", "--out", "exported"),
    ("compare", "study.toml", *DRAWN, "--jobs", "1", "--out", "study")
    + ("--runs", "runs"),
    ("tune", *DRAWN, "--space", "space.toml", "--tuner", "random")
    + ("--max-trials", "2", "--confirm", "0", "--out", "search"),
)
# By the older code itself, of crops that are the same anywhere.
PREDICT = """
import facemtl, numpy as np
from facemtl.inference.runtimes import load_network
print(facemtl.__file__)
pixels = np.arange(2 * 40 * 40).reshape(2, 40, 40, 1) * 7 % 251
found = load_network("run/model.keras").predict(pixels.astype(np.uint8))
np.savez("predictions.npz", **found)
"""
# Large, or made again from the rest.
LEFT_OUT = (
    *("*.png", "*.html", "*.md", "*.lock", "*.log", "runs", "logs", "cache"),
    *("tensorboard", "exported/model.keras", "*_batch.tflite"),
    *("search/trials/*/run/*.npz", "search/trials/*/run/model.keras"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Make the archive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", help="of the archive, as 0.1.0")
    file = HERE / f"{parser.parse_args(argv).name}.tar.xz"
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        with tarfile.open(file, "w:xz") as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.add(path, path.name, filter=kept)
    print(f"{file}: {file.stat().st_size / 1000:.0f} kB")
    return 0


def write(folder: Path) -> None:
    """Run the commands in a folder."""
    (folder / "study.toml").write_text(STUDY, "utf-8")
    (folder / "space.toml").write_text(SPACE, "utf-8")
    for verb, *words in COMMANDS:
        python(folder, "-m", f"facemtl.{verb}", *words)
    python(folder, "-c", PREDICT)


def python(folder: Path, *words: str) -> None:
    """Run Python there; what it says is shown."""
    places = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    # The folder of this process, as it is Python's way.
    whole = os.pathsep.join(str(Path(place).absolute()) for place in places)
    env = {**os.environ, "PYTHONPATH": whole}
    subprocess.run([sys.executable, *words], cwd=folder, env=env, check=True)


def kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """A member of the archive without its owner; None for what is left out."""
    parts = (member.name, Path(member.name).name)
    if any(fnmatch(part, one) for part in parts for one in LEFT_OUT):
        return None
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    sys.exit(main())
