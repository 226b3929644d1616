# Each goal does all its own set-up: Python 3.11 to 3.13 and make are enough.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
# The exact versions of every package that goes into these.
CONSTRAINTS ?= constraints.txt
# Where apps run that have no TensorFlow; what only maintainers run.
LITE = $(VENV)-lite
TOOLS = .venv-tools
# Release candidates, on the newest Python that there is.
CANARY = .venv-canary
CANARY_PYTHON ?= $(or $(shell command -v python3.14),$(PYTHON))
# More words for pytest, as in make test TEST_OPTIONS=--fail-on-skip
TEST_OPTIONS ?=
# Python compiles what it imports; pip would compile all 12,000 files first.
export PIP_COMPILE = no
# And keeps it: else each process compiles TensorFlow's modules, for 6 s, anew.
unexport PYTHONDONTWRITEBYTECODE
# In the order of tests/conftest.py: the longest files first.
TESTS = $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
FAST = -m "not (slow or browser or npm or lite or mtfl)"
PIN = $(TOOLS)/bin/uv pip compile --quiet --upgrade --all-extras --no-annotate \
  --fork-strategy fewest --python-version 3.11 \
  --custom-compile-command "make constraints"

.PHONY: fit docs test test-fast test-lowest test-backends test-mtl browser lint bench constraints audit \
  licences canary clean help

# Train on drawn faces (or data/MTFL, if it is there), score, draw a picture.
# A second call goes on with a run that was cut off, or shows the finished one.
fit: $(READY)
	$(BIN)/python -m facemtl.fit --out runs/first --resume

# The documentation's site in build/site; this executes its notebooks.
docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 FACEMTL_CACHE="$(CURDIR)/build/cache" \
	  $(BIN)/python -m mkdocs build

test: $(READY) $(LITE)/.ready browser test-mtl
	$(TESTS) $(TEST_OPTIONS)

# For every save: nothing that trains for long or needs more than .venv.
test-fast: $(READY)
	$(TESTS) $(FAST) $(TEST_OPTIONS)

# With the lowest versions that setup.py allows, on Python 3.11.
test-lowest:
	$(MAKE) test VENV=.venv-lowest CONSTRAINTS=constraints-lowest.txt

# facemtl.mtl under Keras's other backends, in environments of their own.
# test-mtl needs no other one, so that make --jobs begins it at once.
test-backends: $(READY)
	@VENV="$(VENV)" PYTHON="$(BIN)/python" sh tests/backends.sh jax torch

test-mtl:
	@VENV="$(VENV)" PYTHON="$(or $(wildcard $(BIN)/python),$(PYTHON))" \
	  MARKS="not slow" sh tests/backends.sh jax torch

browser:
	@sh tests/browser.sh

lint: $(READY)
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

# Speed, in minutes, in build/bench; with DATA=data/MTFL beside other packages.
bench: $(READY)
	$(BIN)/python benchmarks/bench.py --data "$(DATA)" --out build/bench

# Renew them: the newest versions that setup.py allows, for every Python and
# system, and the lowest of what it names, for Python 3.11.
constraints: $(TOOLS)/.ready
	$(PIN) --universal -o constraints.txt setup.py constraints.in
	$(PIN) --resolution lowest-direct -o constraints-lowest.txt \
	  setup.py constraints.in

# Known vulnerabilities of these versions; asks a database on the Internet.
audit: $(TOOLS)/.ready
	$(TOOLS)/bin/pip-audit --strict --no-deps --disable-pip -r constraints.txt

# With pre-releases of all packages; the result is in results/canary.
canary:
	"$(CANARY_PYTHON)" -m venv $(CANARY)
	$(CANARY)/bin/python -m pip install --quiet --upgrade --pre pip
	$(CANARY)/bin/python -m pip install --quiet --upgrade --pre \
	  --editable ".[dev]"
	$(CANARY)/bin/python benchmarks/canary.py --out results/canary \
	  -n 2 --dist loadfile $(FAST) $(TEST_OPTIONS)

licences: $(READY)
	$(BIN)/python benchmarks/licences.py --out docs/licences.md

clean:
	rm -rf $(VENV) $(LITE) $(VENV)-jax $(VENV)-torch \
	  .venv-lowest .venv-lowest-lite .venv-lowest-jax .venv-lowest-torch \
	  $(TOOLS) $(CANARY) build *.egg-info

help:
	@echo "make fit        train a network on drawn faces, score it, draw it"
	@echo "make docs       build the documentation's site in build/site"
	@echo "make test       all tests that can run here; says what it leaves out"
	@echo "make test-fast  the tests that take no time, for every save"
	@echo "make test-lowest  all tests, with the lowest versions of packages"
	@echo "make test-backends  facemtl.mtl under JAX and PyTorch; test: the fast ones"
	@echo "make lint       format, style and types, as CI checks them"
	@echo "make bench      measure speed; with DATA=data/MTFL beside others, too"
	@echo "make constraints  pin the newest versions of packages"
	@echo "make audit      look for known vulnerabilities of packages"
	@echo "make licences   list the licences of packages"
	@echo "make canary     the fast tests, with release candidates of packages"
	@echo "make clean      remove what the others installed"

# The checks are of the shell: what is no Python cannot say so itself.
define CHECKED_PYTHON
@"$(PYTHON)" -c "import sys; assert (3, 11) <= sys.version_info < (3, 14)" \
	  2> /dev/null || { echo "error: Expected Python 3.11 to 3.13. Received:" \
	  "$(PYTHON) ($$("$(PYTHON)" --version 2>&1 | head -n 1)). Set another," \
	  "as in make PYTHON=python3.12" >&2; exit 2; }
@"$(PYTHON)" -c "import ensurepip, venv" 2> /dev/null || { echo \
	  "error: Expected Python's modules venv and ensurepip. Received:" \
	  "$(PYTHON) without them. On Debian or Ubuntu, install python3-venv;" \
	  "or set another, as in make PYTHON=python3.12" >&2; exit 2; }
endef

$(READY): setup.py $(CONSTRAINTS)
	$(CHECKED_PYTHON)
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade --constraint $(CONSTRAINTS) pip
	$(BIN)/python -m pip install --constraint $(CONSTRAINTS) \
	  --build-constraint $(CONSTRAINTS) --editable ".[dev]"
	touch $(READY)

$(VENV)/.docs: $(READY)
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) \
	  --editable ".[docs]"
	touch $@

$(LITE)/.ready: $(READY)
	$(BIN)/python -m venv $(LITE)
	$(LITE)/bin/python -m pip install --quiet --constraint $(CONSTRAINTS) \
	  numpy ai-edge-litert opencv-python-headless
	touch $@

# No $(READY): what is pinned may not suit setup.py until it is renewed.
$(TOOLS)/.ready:
	$(CHECKED_PYTHON)
	"$(PYTHON)" -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet uv pip-audit
	touch $@
