"""Rounds of kills: a command is killed and restarted until it ends."""

import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill_cases import Case
from kill_moments import Moment, Pace, any_moment, ends_soon, watch
from kill_results import check_left, check_whole

from facemtl.errors import InputError

MOST = 4  # maximum consecutive kills of a command


@dataclass(frozen=True)
class Unbroken:
    """A command that ran once without kills.

    Attributes:
        case: the command.
        folder: its working directory.
        pace: its timing.
        result: its result.
    """

    case: Case
    folder: Path
    pace: Pace
    result: Any

    @property
    def killed(self) -> Path:
        """Return the output folder of killed runs."""
        return self.folder / "killed"


@dataclass(frozen=True)
class Round:
    """The result of a round.

    Attributes:
        moments: moments of its kills.
        fault: the fault after a kill or at the end; else empty.
    """

    moments: Sequence[Moment]
    fault: str


def start(folder: Path, words: Sequence[str]) -> subprocess.Popen[Any]:
    """Start a command of facemtl in a separate process group."""
    # No pipe: its reader would wait for all processes that inherit it.
    with (folder / "stderr").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "facemtl", *words],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )


def finish(folder: Path, words: Sequence[str], out: Path) -> Pace:
    """Run a command to its end.

    Raises:
        InputError: if it fails.
    """
    process = start(folder, words)
    pace = watch(process, out)
    _check_status(process, folder)
    return pace


def unbroken(folder: Path, case: Case) -> Unbroken:
    """Run a command once to its end."""
    out = folder / "unbroken"
    words = [word.replace("OUT", out.name) for word in case.words]
    pace = finish(folder, words, out)
    result = case.result(out)
    shutil.rmtree(out)
    return Unbroken(case, folder, pace, result)


def rounds_of(
    whole: Unbroken, kills: int, rng: random.Random
) -> Iterator[Round]:
    """Kill a command a number of times; yield the rounds."""
    while kills > 0:
        shutil.rmtree(whole.killed, ignore_errors=True)
        one = one_round(whole, min(kills, MOST), rng)
        kills -= len(one.moments)
        yield one


def one_round(whole: Unbroken, most: int, rng: random.Random) -> Round:
    """Kill a command repeatedly, and compare the result at its end."""
    moments: list[Moment] = []
    groups: list[int] = []
    fault = ""
    try:
        words = _kill(whole, most, rng, moments, groups)
        if words:
            finish(whole.folder, words, whole.killed)
        check_whole(whole.killed)
        check_left(whole.killed)
        if whole.case.result(whole.killed) != whole.result:
            fault = "the result differs"
    except Exception as error:  # The other rounds continue in any case.
        fault = f"{type(error).__name__}: {error}"
    if not all(map(ends_soon, groups)):
        fault = fault or "processes of a killed one do not end"
    return Round(moments, fault)


def _kill(
    whole: Unbroken,
    most: int,
    rng: random.Random,
    moments: list[Moment],
    groups: list[int],
) -> list[str]:
    """Kill and restart; return the running command, or None if it ended."""
    words = [
        word.replace("OUT", whole.killed.name) for word in whole.case.words
    ]
    again = list(whole.case.again)
    while len(moments) < most:
        process = start(whole.folder, words)
        groups.append(process.pid)
        moment = any_moment(whole.pace, rng)
        watch(process, whole.killed, moment)
        if process.returncode != -signal.SIGKILL:
            _check_status(process, whole.folder)
            return []
        moments.append(moment)
        check_whole(whole.killed)
        words, again = words + again, []
    return words


def _check_status(process: subprocess.Popen[Any], folder: Path) -> None:
    if process.returncode:
        said = (folder / "stderr").read_text(errors="replace").strip()
        raise InputError(f"status {process.returncode}: {said}")


def summary(rounds: Sequence[Round], pace: Pace) -> dict[str, Any]:
    """Return the numbers of a command's rounds."""
    moments = [moment for one in rounds for moment in one.moments]
    faults = [one for one in rounds if one.fault]
    kinds = Counter(moment.kind for moment in moments)
    return {
        "kills": len(moments),
        "survived": len(moments) - sum(len(one.moments) for one in faults),
        "moments": dict(sorted(kinds.items())),
        "all processes": sum(moment.group for moment in moments),
        "rounds": len(rounds),
        "seconds unbroken": round(pace.seconds, 1),
        "seconds until it writes": round(pace.begun, 1),
        "faults": [
            f"{one.fault} (killed at: {'; '.join(map(str, one.moments))})"
            for one in faults
        ],
    }
