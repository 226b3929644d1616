"""`python -m facemtl.studies.server`: a process that is forked for each run.

It imports what a run needs, which takes a run of few faces as long as its
training, and runs no operation of TensorFlow: forks of it are safe. It ends
with the study or search that started it; see `facemtl.studies.processes`.
"""

import argparse
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from facemtl.process.cli import load_tensorflow, run
from facemtl.studies import worker

# What runs import. None of them runs an operation of TensorFlow.
LOADED = (
    *("facemtl.training.runs", "facemtl.data.synthetic.faces"),
    *("filelock", "matplotlib.figure", "matplotlib.backends.backend_agg"),
    "tensorboard.summary",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve; in a forked process, train the run."""
    argparse.ArgumentParser(
        prog="python -m facemtl.studies.server",
        description="Forks the runs of a study or search, which starts this.",
    ).parse_args(argv)
    control = socket.socket(fileno=0)
    load_tensorflow()
    for name in LOADED:
        import_module(name)
    gc.freeze()  # What is never freed stays shared with the forks.
    serve(control)
    return worker.main(json.loads(sys.stdin.readline()))


def serve(control: socket.socket) -> None:
    """Fork at each request, and send each process's exit status.

    Return in the forked process only. A request is one byte with two
    descriptors: the standard input of the process, to whose other end the
    status is written, and its log.

    Args:
        control: requests; this process ends when it closes.
    """
    # Ctrl-C ends this process without a word; each run says "Stopped.".
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # {descriptor that ends with the process: (process, where its status goes)}
    running: dict[int, tuple[int, int]] = {}
    while True:
        ready, *_ = select.select([control.fileno(), *running], [], [])
        for ended in running.keys() & set(ready):
            _report(ended, *running.pop(ended))
        if control.fileno() not in ready:
            continue
        asked, files, *_ = socket.recv_fds(control, 1, 2)
        if not asked:
            sys.exit()
        alive, held = os.pipe()
        process = os.fork()
        if not process:
            break
        os.close(held)
        os.close(files[1])
        running[alive] = process, files[0]
    for other, (_, answer) in running.items():
        os.close(other)
        os.close(answer)
    _become(control, *files)


def _report(ended: int, process: int, answer: int) -> None:
    """Send the exit status of a process that has ended."""
    _, status = os.waitpid(process, 0)
    os.close(ended)
    # Nobody reads it after Ctrl-C.
    with socket.socket(fileno=answer) as to, suppress(ConnectionError):
        to.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _become(control: socket.socket, given: int, log: int) -> None:
    """Take the standard streams of a run."""
    control.detach()  # It is standard input, which is replaced.
    for number, file in enumerate((given, log, log)):
        os.dup2(file, number)
    os.close(given)
    os.close(log)
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    run(main)
