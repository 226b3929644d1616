"""Attack the server; measure refusals and the effect on another client.

    export/apps/server/attack.sh [--server export/apps/server/run.sh]

The command writes attacks.json and attacks.md. All traffic is local.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.export.apps.server.attacks import attacks
from facemtl.export.apps.server.beside import Beside
from facemtl.export.apps.server.cases import good_cases
from facemtl.export.apps.server.memory import Memory
from facemtl.export.apps.server.result import write_result
from facemtl.export.apps.server.sent import Attack, Received
from facemtl.export.apps.server.started import RUN, started
from facemtl.inference.predictor import Predictor
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions

HERE = Path(__file__).parent
MODEL = "base"
ALONE = 5.0  # seconds of the other client without an attack
AFTER = 1.0  # seconds of the other client after an attack
EVERY = 0.1  # seconds between two samples of memory


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--server", type=Path, default=RUN, help="script that starts a server")
    add("--out", type=Path, default=HERE / "attacks.json")
    add("--only", default="", help="attacks whose names contain these words")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Start a server, attack it, and write the result."""
    args = parser().parse_args(argv)
    case = good_cases(synthetic_faces(1, seed=5), Predictor.load(MODEL))[0]
    chosen = [x for x in attacks(case.photo()) if args.only in x.name]
    with started(MODEL, args.server) as server, Beside(case) as client:
        client.numbers()  # The first requests wait for the network to load.
        rows = [
            attacked(attack, client, server.pid) for attack in [QUIET, *chosen]
        ]
    of_another = " --server OLD/run.sh" * (args.server != RUN)
    result = {
        "command": f"export/apps/server/attack.sh{of_another}",
        "model": MODEL,
        "machine": machine(),
        "versions": versions("mlserver", "uvicorn", "grpcio"),
        "attacks": rows,
    }
    write_result(result, args.out)
    return int(any(row["unexpected"] or row["failures"] for row in rows))


def nothing() -> list[Received]:
    """Wait a while without an attack."""
    time.sleep(ALONE)
    return []


QUIET = Attack("none", nothing, ())


def attacked(attack: Attack, client: Beside, server: int) -> dict[str, Any]:
    """Run an attack; return its row of the table."""
    start = time.perf_counter()
    with Memory(server, EVERY) as memory:
        received = attack.send()
        seconds = time.perf_counter() - start
        time.sleep(AFTER)
    others = client.numbers()
    statuses = Counter(status for status, _ in received)
    row = {
        "attack": attack.name,
        "statuses": dict(sorted(statuses.items())),
        "unexpected": sum(statuses.values())
        - sum(statuses[x] for x in attack.allowed),
        "said": next((said for _, said in received if said), ""),
        "seconds": round(seconds, 1),
        "most_mb": memory.numbers()["most_mb"],
        **others,
    }
    print(row, flush=True)
    return row


if __name__ == "__main__":
    run(main)
