"""Every benchmark of speed in one run, in minutes; `make bench` calls it.

    python benchmarks/bench.py --data data/MTFL --out build/bench

Each benchmark measures in turn and in a process of its own. What needs MTFL, or
packages that are not there, is left out, with a line that says what it needs.
Writes each one's JSON and Markdown, a chart, and all tables in one page,
`bench.md`. The committed results have more rounds; each names its command.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from facemtl.files.destinations import check_folder
from facemtl.files.writing import write_whole
from facemtl.process.cli import run

HERE = Path(__file__).parent
PEERS = Path("build/peers/bin/python")


@dataclass(frozen=True)
class Benchmark:
    """A script with its options.

    Attributes:
        title: of its table.
        script: its file in this folder.
        words: options that shorten it.
        needs: a package that it needs here.
        peers: whether it needs the environment of the peers, and MTFL.
    """

    title: str
    script: str
    words: tuple[str, ...] = ()
    needs: str = ""
    peers: bool = False

    @property
    def name(self) -> str:
        """The name of its files."""
        return Path(self.script).stem

    def missing(self, data: str) -> str:
        """Return what it needs and does not find; "" for nothing."""
        if self.needs and find_spec(self.needs) is None:
            return f"pip install {self.needs}"
        if self.peers and not data:
            return "--data: the folder of MTFL"
        if self.peers and not PEERS.is_file():
            return "the environment of benchmarks/peers/README.md"
        return ""

    def command(self, data: str, out: Path) -> list[str]:
        """Return its command."""
        python = str(PEERS) if self.peers else sys.executable
        words = ["--data", data] if self.peers else []
        file = str(out / f"{self.name}.json")
        script = str(HERE / self.script)
        return [python, script, *self.words, *words, "--out", file]


BENCHMARKS = (
    Benchmark("Training", "training.py", ("--rounds", "3"), needs="torch"),
    Benchmark("Growth", "growth.py", ("--rounds", "3")),
    Benchmark("Architectures", "architectures.py", ("--rounds", "3")),
    Benchmark("Start and memory", "start.py", ("--faces", "1000", "10000")),
    Benchmark("Runs of a study", "short_runs.py"),
    Benchmark("From a photo to its faces", "photos.py", peers=True),
    Benchmark(
        "Networks of others",
        "peers/compare.py",
        ("--accuracy", "none"),
        peers=True,
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run all benchmarks; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="", help="folder of MTFL")
    parser.add_argument(
        "--out",
        default="build/bench",
        metavar="FOLDER",
        help="results (default: %(default)s)",
    )
    args = parser.parse_args(argv)
    out = Path(check_folder(args.out, "--out"))
    out.mkdir(parents=True, exist_ok=True)
    failed = []
    for benchmark in BENCHMARKS:
        missing = benchmark.missing(args.data)
        if missing:
            print(f"{benchmark.name}: left out. It needs: {missing}.")
        elif measured(benchmark, args.data, out):
            failed.append(benchmark.name)
    page = out / "bench.md"
    write_whole(document(out), page)
    print(page)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return bool(failed)


def measured(benchmark: Benchmark, data: str, out: Path) -> int:
    """Run a benchmark with a log beside its result; return its status."""
    print(f"{benchmark.name}: ", end="", flush=True)
    begun = time.monotonic()
    with (out / f"{benchmark.name}.log").open("w") as log:
        command = benchmark.command(data, out)
        if benchmark.script == "growth.py":
            command += ["--chart", str(out / "growth.svg")]
        place = os.pathsep.join([str(HERE.parent), *_own_path()])
        environment = os.environ | {"PYTHONPATH": place}
        status = subprocess.run(
            command, stdout=log, stderr=log, env=environment
        ).returncode
    result = f"failed, see {log.name}" if status else "done"
    print(f"{result}, {time.monotonic() - begun:.0f} s", flush=True)
    return status


def _own_path() -> list[str]:
    own = os.environ.get("PYTHONPATH")
    return [own] if own else []


def document(out: Path) -> str:
    """Return all tables of a folder in Markdown."""
    parts = ["# Benchmarks\n"]
    for benchmark in BENCHMARKS:
        file = out / f"{benchmark.name}.md"
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            parts.append(f"## {benchmark.title}\n\n{text}")
    if (out / "growth.svg").is_file():
        parts.append("![Time of a step by its size](growth.svg)\n")
    return "\n".join(parts)


if __name__ == "__main__":
    run(main)
