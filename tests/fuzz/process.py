"""A target in processes of its own, until its time is over."""

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parents[1]
# Of one input: seconds, and megabytes of the process.
SECONDS, MEMORY = 5, 2048
LARGEST = 8192  # bytes of an input, a few times the seeds
MEMORY_DISK = "/dev/shm"  # of Linux: targets write and read small files
_DONE = re.compile(r"(?m)^stat::number_of_executed_units:\s+(\d+)")
_LAST = re.compile(r"(?m)^#(\d+)\s")
_COVERED = re.compile(r"\bcov: (\d+)")
# libFuzzer's names of inputs that ended the process.
_ENDED = ("crash", "timeout", "oom", "leak", "slow-unit")


@dataclass
class Trial:
    """What came of a target.

    Attributes:
        target: its name.
        seconds: how long it ran.
        inputs: how many were tried.
        covered: branches of facemtl and of the target that were reached.
        findings: a line each.
    """

    target: str
    seconds: float = 0.0
    inputs: int = 0
    covered: int = 0
    findings: list[str] = field(default_factory=list)

    def line(self) -> str:
        """In words."""
        return (
            f"{self.target}: {self.inputs:,} inputs in {self.seconds:.0f} s, "
            f"{self.covered:,} branches, {len(self.findings)} findings"
        )


def fuzz(seconds: float, seed: int, findings: Path, target: str) -> Trial:
    """Fuzz a target; it is started again where an input ended it.

    Args:
        seconds: in all.
        seed: of libFuzzer.
        findings: a folder; the target's own is made in it.
        target: its name.
    """
    trial, start = Trial(target), time.monotonic()
    kept = (findings / target).resolve()
    kept.mkdir(parents=True, exist_ok=True)
    place = MEMORY_DISK if Path(MEMORY_DISK).is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        while (left := seconds - (time.monotonic() - start)) >= 1:
            log = Path(folder) / "log"
            ended = _start(target, int(left), seed, kept, corpus, log)
            _read(log.read_text("utf-8", "replace"), trial)
            if ended and not list(kept.iterdir()):
                said = log.read_text("utf-8", "replace").strip()
                trial.findings.append(f"ended: {said.splitlines()[-1:]}")
                break
            seed += 1
    trial.seconds = round(time.monotonic() - start, 1)
    trial.findings += _found(kept)
    return trial


def _start(
    target: str, seconds: int, seed: int, kept: Path, corpus: Path, log: Path
) -> int:
    """Run the target once; its exit status."""
    paths = [str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "TMPDIR": str(corpus.parent),
        "OPENCV_LOG_LEVEL": "SILENT",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    options = {
        "max_total_time": seconds,
        "timeout": SECONDS,
        "rss_limit_mb": MEMORY,
        "max_len": LARGEST,
        "seed": seed,
        "print_final_stats": 1,
        "close_fd_mask": 3,  # decoders write many lines
        "artifact_prefix": f"{kept}/",
    }
    words = [f"-{name}={value}" for name, value in options.items()]
    with log.open("wb") as out:
        return subprocess.run(
            [
                *(sys.executable, "-m", "fuzz.one", target, str(kept)),
                *(str(corpus), *words),
            ],
            cwd=TESTS,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        ).returncode


def _read(said: str, trial: Trial) -> None:
    """Add what libFuzzer says of a process."""
    done = _DONE.findall(said) or _LAST.findall(said) or ["0"]
    trial.inputs += int(done[-1])
    covered = map(int, _COVERED.findall(said))
    trial.covered = max(trial.covered, *covered, 0)


def _found(kept: Path) -> list[str]:
    """A line of each finding in a folder."""
    lines = [
        file.name for file in kept.iterdir() if file.name.startswith(_ENDED)
    ]
    for file in kept.glob("raised-*.txt"):
        said = file.read_text("utf-8").strip().splitlines()
        places = [x.strip() for x in said if x.lstrip().startswith("File ")]
        place = re.sub(r'"(?:.*/)?(.+)"', r"\1", places[-1])
        lines.append(f"{said[-1][:120]} ({place})")
    return sorted(lines)
