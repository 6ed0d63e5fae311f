# Practice Week: the commands of every day. `make rehearse` and `make test` set everything up by themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PACKAGES := domain integrations bot scheduler rehearsal practiceweek migrations

.PHONY: rehearse play pictures test check format words roles lock clean

rehearse: $(STAMP)
	$(BIN)/practiceweek rehearse --out rehearsal-out

play: $(STAMP)
	$(BIN)/practiceweek rehearse --play --out play-out

# The pictures of the README, taken by the test that plays a week in Chromium.
pictures: $(STAMP)
	PRACTICEWEEK_PICTURES=docs/pictures $(BIN)/pytest tests/acceptance/test_play.py

test: $(STAMP)
	$(BIN)/pytest -n auto --dist loadfile

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

words: $(STAMP)
	$(BIN)/python -m tests.sentences

# Who may do what, from the table that the tests try.
roles: $(STAMP)
	$(BIN)/python -m tests.roles_table

# The environment is made once, and again only when the lock or the project's own metadata change.
$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Practice Week needs Python 3.11 or newer as $(PYTHON): install it (Debian: apt-get install python3), or name another, as in: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing: install it (Debian: apt-get install python3-venv) and run make again." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV): a minute or two, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Run by whoever changes a dependency; needs uv. The locks hold names, versions and hashes for every platform, and no address.
LOCK = uv --no-config pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --group build
lock:
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build rehearsal-out play-out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
