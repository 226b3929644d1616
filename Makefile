# Each goal does all its own set-up: Python 3.11 to 3.13 and make are enough.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
# Where apps run that have no TensorFlow.
LITE = .venv-lite
# More words for pytest, as in make test TEST_OPTIONS=--fail-on-skip
TEST_OPTIONS ?=
TESTS = $(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: fit test test-fast browser lint clean help

# Train on drawn faces (or data/MTFL, if it is there), score, draw a picture.
# A second call goes on with a run that was cut off, or shows the finished one.
fit: $(READY)
	$(BIN)/python -m facemtl.fit --out runs/first --resume

test: $(READY) $(LITE)/.ready browser
	$(TESTS) $(TEST_OPTIONS)

# For every save: nothing that trains for long or needs more than .venv.
test-fast: $(READY)
	$(TESTS) -m "not (slow or browser or npm or lite or mtfl)" $(TEST_OPTIONS)

browser:
	@sh tests/browser.sh

lint: $(READY)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) $(LITE) build *.egg-info

help:
	@echo "make fit        train a network on drawn faces, score it, draw it"
	@echo "make test       all tests that can run here; says what it leaves out"
	@echo "make test-fast  the tests that take no time, for every save"
	@echo "make lint       format, style and types, as CI checks them"
	@echo "make clean      remove what the others installed"

# The checks are of the shell: what is no Python cannot say so itself.
$(READY): setup.py
	@"$(PYTHON)" -c "import sys; assert (3, 11) <= sys.version_info < (3, 14)" \
	  2> /dev/null || { echo "error: Expected Python 3.11 to 3.13. Received:" \
	  "$(PYTHON) ($$("$(PYTHON)" --version 2>&1 | head -n 1)). Set another," \
	  "as in make PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c "import ensurepip, venv" 2> /dev/null || { echo \
	  "error: Expected Python's modules venv and ensurepip. Received:" \
	  "$(PYTHON) without them. On Debian or Ubuntu, install python3-venv;" \
	  "or set another, as in make PYTHON=python3.12" >&2; exit 2; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install --editable ".[dev]"
	touch $(READY)

$(LITE)/.ready: $(READY)
	$(BIN)/python -m venv $(LITE)
	$(LITE)/bin/python -m pip install --quiet numpy ai-edge-litert \
	  "opencv-python-headless>=4.8,<5"
	touch $@
