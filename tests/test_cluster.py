"""Workers of `TF_CONFIG`: what it may say, and how they meet."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from two_hosts import free_ports

from facemtl import fit
from facemtl.errors import InputError, RunFailed
from facemtl.process.cluster import Cluster, named_cluster, run_folder
from facemtl.process.meeting import meet

TWO = {"worker": ["a:2222", "b:2222"]}


def named(monkeypatch, cluster, task):
    """The cluster that `TF_CONFIG` names."""
    known = {"cluster": cluster, "task": task}
    monkeypatch.setenv("TF_CONFIG", json.dumps(known))
    return named_cluster()


def test_the_chief_is_the_first_worker(monkeypatch):
    jobs = {"worker": ["b:1", "c:1"], "chief": ["a:1"]}
    found = named(monkeypatch, jobs, {"type": "worker", "index": "1"})
    assert list(found.workers.values()) == ["a:1", "b:1", "c:1"]
    assert (found.number, found.first) == (2, False)
    assert found.name(2) == "worker 1 (c:1)"
    assert named(monkeypatch, jobs, {"type": "chief", "index": 0}).first


@pytest.mark.parametrize("text", ["", "{}"])
def test_one_machine_needs_no_cluster(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    assert named_cluster() is None
    task = {"type": "worker", "index": 0}
    assert named(monkeypatch, {"worker": ["a:1"]}, task) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", ""),
        ("[1]", ""),
        ('{"clusters": {}}', ""),
        ('{"cluster": {"worker": [1, 2]}, "task": {"type": "worker"}}', ""),
        (
            '{"cluster": {"ps": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
            "with the jobs worker and chief alone",
        ),
        (
            '{"cluster": {"chief": ["a:1", "b:1"]}, '
            '"task": {"type": "chief", "index": 0}}',
            "with one chief at most",
        ),
        (
            '{"cluster": {"worker": ["a", "b:1"]}, '
            '"task": {"type": "worker", "index": 0}}',
            "where 'a' has a host and a port",
        ),
        (
            '{"cluster": {"worker": ["a:1", "a:1"]}, '
            '"task": {"type": "worker", "index": 0}}',
            "with an address of its own for each worker",
        ),
        (
            '{"cluster": {"worker": ["a:1", "b:1"]}, '
            '"task": {"type": "worker", "index": 2}}',
            "with a task among worker 0, worker 1",
        ),
    ],
)
def test_a_bad_value_is_one_clear_line(monkeypatch, text, reason):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError) as error:
        named_cluster()
    words = str(error.value)
    assert words.startswith('Expected TF_CONFIG such as {"cluster": ')
    assert f"{reason}" in words
    assert words.endswith("or unset it to train on one.")
    assert f"Received: {text}. " in words


def test_only_the_first_worker_writes_the_run_folder(tmp_path):
    names = {"worker 0": "a:1", "worker 1": "b:1"}
    folder = tmp_path / "run"
    with run_folder(folder, Cluster(names, 1)) as own:
        assert own.is_dir()
        assert not folder.exists()
    assert not own.exists()
    with run_folder(folder, Cluster(names, 0)) as own:
        assert own == folder
        assert folder.is_dir()


def test_fit_reads_the_cluster_first(monkeypatch, tmp_path):
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(InputError, match="Expected TF_CONFIG such as"):
        fit.main(["--data", "synthetic", "--out", str(tmp_path / "run")])
    assert not (tmp_path / "run").exists()


def met(said, wait=20.0):
    """What becomes of each worker that says something."""
    ports = free_ports(len(said))
    names = {f"worker {i}": f"localhost:{p}" for i, p in enumerate(ports)}

    def one(number):
        try:
            meet(Cluster(names, number), said[number], wait)
        except InputError as error:
            return type(error), str(error)
        return None

    present = [i for i, words in enumerate(said) if words is not None]
    with ThreadPoolExecutor(len(said)) as pool:
        return list(pool.map(one, present))


def test_workers_that_say_the_same_go_on():
    assert met([{"train.seed": 0}] * 3) == [None] * 3


def test_another_setting_is_one_clear_line_on_each():
    found = met([{"train.seed": 0, "x": 1}, {"train.seed": 5, "x": 1}])
    assert [kind for kind, _ in found] == [InputError] * 2
    for _, words in found:
        assert "Received of worker 1 (localhost:" in words
        assert words.endswith(
            "train.seed 5 beside 0. Start the same command on each machine."
        )


def test_a_missing_worker_is_named():
    ((kind, words),) = met([{}, None], wait=0.2)
    assert kind is RunFailed
    assert "Received: no sign of worker 1 (localhost:" in words


def test_a_missing_first_worker_is_named():
    ((kind, words),) = met([None, {}], wait=0.2)
    assert kind is RunFailed
    assert words.startswith("Expected worker 0 (localhost:")


def test_a_port_in_use_is_one_clear_line():
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
        names = {"worker 0": f"localhost:{port}", "worker 1": "localhost:1"}
        with pytest.raises(InputError, match="Expected a free port for worker"):
            meet(Cluster(names, 0), {})


def test_strangers_do_not_count():
    ports = free_ports(2)
    names = {f"worker {i}": f"localhost:{p}" for i, p in enumerate(ports)}
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(meet, Cluster(names, 0), {}, 20.0)
        for words in (b"GET / HTTP/1.1\n", b"[]\n", b'{"number": 7}\n'):
            with connection(ports[0]) as stranger:
                stranger.sendall(words)
        other = pool.submit(meet, Cluster(names, 1), {}, 20.0)
        assert first.result() is other.result() is None


def connection(port):
    """A connection, once the server is there."""
    for _ in range(1000):
        try:
            return socket.create_connection(("localhost", port), 5)
        except ConnectionRefusedError:
            continue
    raise AssertionError("no server")
