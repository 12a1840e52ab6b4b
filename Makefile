# One command each. `make` alone says which there are.

PYTHON ?= python3
BIN := .venv/bin
OURS := backend neighborhoods cameras notifications tests bench manage.py
PYTEST := $(BIN)/pytest -q
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help run signins test test-postgres test-sqlite lint setup-test setup-lint lock faults check-store notices access-table screenshots clean

help:
	@echo "make run           start Mắt Phố here (PORT=8080 HOST=127.0.0.1 DATA_DIR=data DEMO=1); Ctrl-C stops it"
	@echo "make signins       the demonstration's sign-ins again, with the codes of this moment (DATA_DIR=data)"
	@echo "make test          the whole suite, on SQLite and on PostgreSQL"
	@echo "make lint          linters, types, import contracts, migrations, deployment checks"
	@echo "make faults        the long fault runs (200 kills and more)"
	@echo "make bench-NAME    one benchmark: $(patsubst bench/%.py,%,$(filter-out bench/__init__.py,$(wildcard bench/*.py)))"
	@echo "make check-store   prove that rows, files and journals agree (DATA_DIR=…)"
	@echo "make lock          pin the packages anew from requirements*.in and package.json"
	@echo "make notices       write docs/third-party-notices.md anew"
	@echo "make access-table  write the committed route and access tables anew"
	@echo "make screenshots   pictures of every page from the running product, into docs/screenshots"
	@echo "make clean         remove .venv, build and caches; your data stays"

run:
	@$(PYTHON) -m backend.setup run
	@$(BIN)/python -m backend.run

signins:
	@$(BIN)/python -m backend.banner

setup-test:
	@$(PYTHON) -m backend.setup test

setup-lint:
	@$(PYTHON) -m backend.setup lint

# Four processes on two cores, for tests also wait. Three share SQLite's run, one takes PostgreSQL's and then some of
# SQLite's, so that all end together. Whole files, the longest first (tests/conftest.py). Some two hundred processes are
# started: they find what Python compiled for the first of them.
QUICK := tests/notifications

test test-postgres test-sqlite: export PYTHONDONTWRITEBYTECODE :=
test: setup-test
	@$(MAKE) --no-print-directory -j 2 test-postgres test-sqlite

test-postgres:
	@$(PYTEST) --db=postgres -m both_databases; postgres=$$?; \
	$(PYTEST) -m "not faults" $(QUICK) && exit $$postgres

test-sqlite:
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not faults" $(QUICK:%=--ignore %)

faults: setup-test
	$(PYTEST) -m faults --timeout 1800

lint: export DATA_DIR := $(CURDIR)/build/lint
lint: setup-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(OURS)
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	TLS_CERT=checked TLS_KEY=checked $(BIN)/python manage.py check --deploy --fail-level WARNING

bench-%: setup-test
	@$(BIN)/python -m bench.$(subst -,_,$*)

check-store:
	@$(BIN)/python manage.py check_store

# No registry's host stands in what these write: uv leaves out index addresses, npm the download addresses.
lock: export UV_CUSTOM_COMPILE_COMMAND := make lock
lock:
	@$(PYTHON) -m backend.setup lock

# Written from the code and committed; a test fails when one is out of date.
notices access-table: export DATA_DIR := $(CURDIR)/build/lint
notices:
	@$(BIN)/python -m backend.setup.notices

access-table:
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -c "import django; django.setup(); import runpy; runpy.run_module('tests.architecture.test_access_table', run_name='__main__')"

screenshots: setup-test
	@$(BIN)/python -m tests.e2e.screenshots

clean:
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
