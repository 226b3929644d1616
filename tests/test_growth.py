"""How steps grow, and the benchmarks of `make bench`."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "benchmarks"


@pytest.fixture
def growth(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import growth

    return growth


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import bench

    return bench


def test_every_task_is_in_one_stream(growth):
    names = ["landmarks", "a", "b", "c", "d"]
    for count in growth.STREAMS:
        streams = growth.streams_of(count, names)
        assert len(streams) == count
        assert [name for own in streams for name in own] == names


def test_faces_have_as_many_tasks_as_asked_for(growth):
    faces = growth.faces_of(10)
    assert [task.kind for task in faces.tasks] == [
        "landmarks",
        *["classes"] * 9,
    ]
    assert set(faces.labels) == {task.name for task in faces.tasks}


def test_a_layer_moves_its_inputs_outputs_and_weights(growth):
    import keras

    x = keras.Input((3,))
    y = keras.layers.Dense(2)(x)
    model = keras.Model(x, keras.layers.ReLU()(y))
    expected = 4 * 3 * (growth.BATCH * (3 + 2) + 3 * 2 + 2)
    assert growth.moved(model) == expected


def test_the_committed_table_and_chart_are_those_of_their_numbers(
    growth, tmp_path
):
    result = json.loads((FOLDER / "growth.json").read_text("utf-8"))
    text = (FOLDER / "growth.md").read_text("utf-8")
    assert text == growth.document(result)
    rows = {(row["axis"], row["n"]): row for row in result["rows"]}
    assert set(rows) == {
        (axis, n)
        for axis, many in zip(
            growth.TITLES,
            (growth.STREAMS, growth.SIZES, growth.TASKS),
            strict=True,
        )
        for n in many
    }
    # No step is faster than the core.
    fastest = max(map(growth.gigaflops, result["rows"]))
    assert fastest < result["roof"]["gigaflops"]
    growth.draw(result, tmp_path / "growth.svg")
    drawn = (tmp_path / "growth.svg").read_text("utf-8")
    assert drawn == (ROOT / "docs/growth.svg").read_text("utf-8")


def test_what_a_benchmark_lacks_is_named(bench, monkeypatch):
    some = {b.name: b for b in bench.BENCHMARKS}
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    assert some["training"].missing("") == "pip install torch"
    assert some["growth"].missing("") == ""
    assert some["photos"].missing("") == "--data: the folder of MTFL"
    assert "peers/README.md" in some["photos"].missing("nowhere")


def test_every_benchmark_takes_its_options(bench, tmp_path):
    for benchmark in bench.BENCHMARKS:
        _, script, *words = benchmark.command("faces", tmp_path)
        text = Path(script).read_text("utf-8")
        for word in words:
            assert not word.startswith("--") or f'"{word}"' in text, script


def test_one_page_has_all_tables_and_names_failures(
    bench, tmp_path, monkeypatch, capsys
):
    (tmp_path / "start.md").write_text("a table\n")

    def fails(benchmark, data, out):
        return 3 * (benchmark.name == "growth")

    monkeypatch.setattr(bench, "measured", fails)
    monkeypatch.setattr(bench.Benchmark, "missing", lambda *_: "")
    assert bench.main(["--out", str(tmp_path)]) == 1
    assert capsys.readouterr().out.endswith("Failed: growth.\n")
    page = (tmp_path / "bench.md").read_text()
    assert page == "# Benchmarks\n\n## Start and memory\n\na table\n"


def test_logs_and_results_are_in_the_folder(bench, tmp_path, monkeypatch):
    script = tmp_path / "own.py"
    script.write_text("import sys; print(sys.argv[1:])")
    monkeypatch.setattr(bench, "HERE", tmp_path)
    own = bench.Benchmark("Own", "own.py", ("--few", "1"))
    assert bench.measured(own, "", tmp_path) == 0
    said = (tmp_path / "own.log").read_text()
    assert said == f"['--few', '1', '--out', '{tmp_path}/own.json']\n"
