"""Shown commands that `test_docs_commands.py` does not run, and why.

A command belongs to the first entry that it begins with. An entry names the
test that does the same, or what the command needs that no test has.
"""

NETWORK = "test_any_data.py trains each network; one run takes 6,000 faces"
REAL = "reads all photos of MTFL"
LONG = "takes long; its result is committed"
CONVERT = (
    "needs another tool's files; test_convert_command.py writes and converts "
    "some"
)
FACE = "test_export_pages.py runs it"

# Of the guides, whose commands are run in their order.
IN_GUIDES = {
    "facemtl demo": "a server, which does not end; test_demo.py asks it",
    "facemtl predict - ": "reads standard input; test_predict_inputs.py does",
    "facemtl predict --video 0": "needs a camera",
    "facemtl predict --video rtsp": "needs a camera",
    "facemtl fit --data faces.csv --model split --out runs/jax": "needs JAX; "
    "tests/backends/fit_backend.py trains with it",
    "facemtl fit --data faces.csv --model split --out runs/machines": "waits "
    "for another machine; test_hosts.py trains with two workers",
    "facemtl fit --data faces.csv --model cross_stitch": NETWORK,
    "facemtl fit --data faces.csv --model split --set": "test_run_balancing.py "
    "trains with each",
    "facemtl data convert": CONVERT,
    "make fit": "installs an environment, as every run of the tests does",
}

# Of all other pages.
ELSEWHERE = {
    "facemtl compare blocks.toml": "test_docs.py reads the study, and "
    "test_compare.py runs another",
    "facemtl compare variants": f"{REAL}; test_compare.py runs a small study",
    "facemtl data check data/MTFL": f"{REAL}; test_check_fit.py does, too",
    "facemtl data check my_faces.csv": "docs/train.md runs it with another "
    "option",
    "facemtl data convert": CONVERT,
    "facemtl evaluate base --data MORE": LONG,
    "facemtl evaluate runs/kept": LONG,
    "facemtl evaluate runs/mine": "docs/train.md runs it on another file",
    "facemtl export --check base": f"{REAL}; test_export_all.py reads what it "
    "wrote",
    "facemtl export --check exported": "test_export_command.py runs it",
    "facemtl export base": "test_export_all.py exports every preset",
    "facemtl export runs/mine": "docs/train.md runs it with other formats",
    "facemtl fit --data data/MTFL --config runs/search": REAL,
    "facemtl fit --data my_faces.csv": "the guides run it with other options",
    "facemtl fit --from base --data POINTS68": LONG,
    "facemtl fit --model cross_stitch --set model.stitch.unit": "test_stitch_"
    "units.py trains each unit",
    "facemtl fit --model": NETWORK,
    "facemtl tune": f"{REAL}; test_search_command.py runs a small search",
    "python -m facemtl.data.mtfl": f"{REAL}; test_mtfl_check.py does, too",
    "python -m http.server": "a server, which does not end",
    "python -m venv build/peers": "other people's networks have packages of "
    "their own",
    "python examples/many_tasks.py": "takes an hour; test_many_tasks.py runs "
    "its parts",
    "python export/apps/python/face.py": FACE,
    "python face.py": FACE,
    "python presets/make.py": "trains for an hour; test_make_preset.py runs "
    "it on a few faces",
    "python presets/make_points68.py": "trains for hours; "
    "test_make_points68.py compares its commands with the page",
    "python presets/more.py": "test_more.py runs it",
}
