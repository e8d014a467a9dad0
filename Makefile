# Needs make and Python 3.11 or newer; everything else goes into .venv.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
# Where tests keep their files: in memory where there is room for them. SQLite waits for the disk at
# each commit, thousands of times.
SCRATCH := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "/dev/shm" }')
PACKAGES := bridge adapters storage sandbox tests
# Else each of some hundred processes would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check compiled bench soak clean

demo: $(VENV)/demo.installed
	$(BIN)/deskbridge demo --port $(PORT)

test: $(VENV)/test.installed
	.ci/ensure-chromium
	$(if $(SCRATCH),PYTEST_DEBUG_TEMPROOT=$(SCRATCH)) $(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --cov --cov-report=
	$(BIN)/coverage report --include='bridge/*' --fail-under=100

check: $(VENV)/check.installed
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports

# Before a first run of the tests: else each of its processes compiles all of them.
compiled: $(VENV)/test.installed
	$(BIN)/pytest --collect-only --quiet --quiet --no-cov > /dev/null

bench: $(VENV)/test.installed
	$(BIN)/python -m tests.bench

soak: $(VENV)/test.installed
	.ci/ensure-chromium
	DESKBRIDGE_LONG=1 $(BIN)/pytest -n 2 -m hypothesis --deselect tests/storage/test_anything.py --timeout=0
	DESKBRIDGE_LONG=1 $(BIN)/pytest -n 2 tests/virtual tests/storage/test_anything.py tests/docs/test_gallery.py \
		tests/adapters/slack/test_surfaces.py tests/scenarios/test_report_page.py
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.soak.approvals

clean:
	rm -rf $(VENV) .demo .run .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info

# The pip that comes with Python 3.11 takes half as long again to choose what to install.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, as python3 on PATH" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	-$(install) 'pip>=25'

install = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

$(VENV)/demo.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(install) -e '.[sandbox]'
	@touch $@

$(VENV)/test.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(install) -e '.[sandbox,test]'
	@touch $@ $(VENV)/demo.installed

$(VENV)/check.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(install) -e '.[sandbox,test,check]'
	@touch $@ $(VENV)/test.installed $(VENV)/demo.installed
