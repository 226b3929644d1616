"""Send cases to a server with Locust, and check every response.

    python -m facemtl.export.apps.server.load HOST CASES.pickle OUT.json

It is a separate process, because Locust patches Python's sockets on import.
"""

from locust import FastHttpUser, constant, events, task  # isort: skip
from locust.env import Environment  # isort: skip

import argparse
import json
import pickle
import time
from collections import Counter
from pathlib import Path
from typing import Any

import gevent

from facemtl.export.apps.server.cases import Case, fault

USERS = 16


def user_of(cases: list[Case], faults: Counter[Any]) -> type[FastHttpUser]:
    """Return a Locust user; all users together send each case once."""
    left = iter(cases)

    class User(FastHttpUser):
        wait_time = constant(0)

        @task
        def ask(self) -> None:
            case = next(left, None)
            if case is None:
                gevent.sleep(1)
                return
            with self.client.post(
                case.path,
                data=case.body,
                headers={"content-type": case.content_type},
                name=case.kind,
                catch_response=True,
            ) as answer:
                said = fault(case, answer.status_code, answer.text or "")
                if said:
                    faults[said] += 1
                    answer.failure(said)
                else:
                    answer.success()

    return User


def send(host: str, cases: list[Case], users: int) -> dict[str, Any]:
    """Send all cases; return responses and times."""
    faults: Counter[Any] = Counter()
    environment = Environment(
        user_classes=[user_of(cases, faults)], host=host, events=events
    )
    runner = environment.create_local_runner()
    start = time.perf_counter()
    runner.start(users, spawn_rate=users)
    while environment.stats.num_requests < len(cases):
        gevent.sleep(0.05)
    seconds = time.perf_counter() - start
    runner.quit()
    kinds = sorted(environment.stats.entries.values(), key=lambda x: x.name)
    return {
        "requests": len(cases),
        "users": users,
        "seconds": round(seconds, 1),
        "a_second": round(len(cases) / seconds, 1),
        "wrong_answers": sum(faults.values()),
        "first_wrong": next(iter(faults), ""),
        "kinds": {
            x.name: numbers(x) for x in [*kinds, environment.stats.total]
        },
    }


def numbers(entry: Any) -> dict[str, float]:
    """Return requests, failures and milliseconds of one kind."""
    return {
        "requests": entry.num_requests,
        "failures": entry.num_failures,
        "p50_ms": entry.get_response_time_percentile(0.5),
        "p99_ms": entry.get_response_time_percentile(0.99),
        "longest_ms": round(entry.max_response_time),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("host", metavar="HOST")
    parser.add_argument("cases", metavar="CASES.pickle", type=Path)
    parser.add_argument("out", metavar="OUT.json", type=Path)
    args = parser.parse_args()
    # check.py has just written this pickle.
    asked = pickle.loads(args.cases.read_bytes())
    answer = send(args.host, asked, USERS)
    args.out.write_text(json.dumps(answer), encoding="utf-8")
