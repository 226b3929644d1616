# Each goal does all its own set-up: Python 3.11 to 3.13 and make are enough.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
# Where apps run that have no TensorFlow.
LITE = .venv-lite

.PHONY: fit test browser lint clean

# Train on drawn faces (or data/MTFL, if it is there), score, draw a picture.
# A second call goes on with a run that was cut off, or shows the finished one.
fit: $(READY)
	$(BIN)/python -m facemtl.fit --out runs/first --resume

test: $(READY) $(LITE)/.ready browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Reports and apps are opened in a headless Chromium, and npm builds the page:
# installed where this is Debian's or Ubuntu's root, else their tests are left
# out, which pytest says.
browser:
	@for name in chromium chromium-browser google-chrome; do \
	  command -v $$name > /dev/null && command -v npm > /dev/null && exit 0; \
	  done; \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && \
	    apt-get update -qq && \
	    apt-get install -y -qq chromium npm > /dev/null; } || \
	  echo "No Chromium or npm: the tests in a browser are left out."

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(LITE) build *.egg-info

$(READY): setup.py
	$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and 'Expected Python 3.11 to 3.13. Set PYTHON=...')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install --editable ".[dev]"
	touch $(READY)

$(LITE)/.ready: $(READY)
	$(BIN)/python -m venv $(LITE)
	$(LITE)/bin/python -m pip install --quiet numpy ai-edge-litert \
	  "opencv-python-headless>=4.8,<5"
	touch $@
