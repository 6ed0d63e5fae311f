# Practice Week: the commands of every day. `make rehearse` and `make test` set everything up by themselves.
# A target is shown by `make help` with what stands behind its #> (for operators) or ## (for developers).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RUNS := $(VENV)/.runs
PACKAGES := domain integrations bot web scheduler rehearsal practiceweek migrations

# What is compiled is kept beside its source: else each worker of the suite, and each program that it starts, compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: faults help install bench rehearse play pictures test others check format words roles lock clean

help: ## show these lines
	@echo "for operators"
	@awk -F ':.*#> ' '/^[a-z]+:.*#> / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "for developers"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(RUNS) #> set up what the program needs to run, and nothing else; again after an update

rehearse: $(STAMP) #> act out a whole practice week and check it; leaves rehearsal-out/
	$(BIN)/practiceweek rehearse --out rehearsal-out

play: $(STAMP) #> play a week by hand, on a page in your browser
	$(BIN)/practiceweek rehearse --play --out play-out

# The pictures of the README and of docs/pages.md, taken by the tests that play a week and look at every page in Chromium.
pictures: $(STAMP) ## take the pictures of the README and of docs/pages.md again
	PRACTICEWEEK_PICTURES=docs/pictures $(BIN)/pytest tests/acceptance/test_play.py tests/web/test_access.py

test: $(STAMP) ## run the whole test suite
	$(BIN)/pytest -n auto --dist worksteal

# Each test of pages, chat and whole installations has one of the two databases there, and the other one here: see tests/turns.py.
others: $(STAMP) ## run the tests that take turns on the database that `make test` left out
	$(BIN)/pytest -n auto --dist worksteal --databases others

# ONLY="start autocomplete": the lines whose names hold one of these words.
bench: $(STAMP) ## measure speed and memory beside baselines (ONLY="words" for some); writes build/bench.json
	$(BIN)/python -m bench $(ONLY)

check: $(STAMP) ## look at format, lint, types and the import law
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES) bench tests
	$(BIN)/lint-imports

format: $(STAMP) ## format the code, and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The long run of the fault suite: N kills, half on each database; SEED and DATABASE repeat a chapter. Writes build/faults.json.
N ?= 300
faults: $(STAMP) ## kill the program N times (N=10000) and check; writes build/faults.json
	$(BIN)/python -m tests.faults.long_run --kills $(N) $(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE))

words: $(STAMP) ## write docs/words.md from the code
	$(BIN)/python -m tests.sentences

# Who may do what, from the table that the tests try.
roles: $(STAMP) ## write docs/roles.md from the table that the tests try
	$(BIN)/python -m tests.roles_table

define PYTHON_IS_THERE
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
  { echo "Practice Week needs Python 3.11 or newer as $(PYTHON): install it (Debian: apt-get install python3), or name another, as in: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
  { echo "Python's venv is missing: install it (Debian: apt-get install python3-venv) and run make again." >&2; exit 1; }
@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
@echo "Setting up $(VENV): a minute or two, once."
endef
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# The environment is made once, and again only when the lock or the project's own metadata change.
$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON_IS_THERE)
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# The same without what only developers need.
$(RUNS): requirements.lock pyproject.toml
	$(PYTHON_IS_THERE)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# Run by whoever changes a dependency; needs uv. The locks hold names, versions and hashes for every platform, and no address.
LOCK = uv --no-config pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --group build
lock: ## write the locks anew, after a dependency changed (needs uv)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove everything that was made here
	rm -rf $(VENV) build rehearsal-out play-out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
