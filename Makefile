# make run | stack | test | demo — only python3 (with venv and pip) and make have to be there; for test also Node 20.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STORMS := $(addprefix tests/end_to_end/,test_kill.py test_black_hole.py test_no_gap.py test_jobs.py test_survival.py)
# The checks read the settings, but no data of yours.
CHECK := DEMO=1 DATA_DIR=$(VENV)/checks DATABASE_URL= REDIS_URL=

.PHONY: run stack demo test lint types floors migrations suite coverage chaos bench format clean

# A .env decides for itself; what is given to make goes before it.
ifeq ($(wildcard .env),)
run stack: export DEMO ?= 1
endif

run: $(VENV)/run.stamp  ## serve everything at http://127.0.0.1:PORT/
	@$(BIN)/python manage.py migrate --verbosity 0
	@exec $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

stack: $(VENV)/stack.stamp  ## the same in many processes, on PostgreSQL and Redis, on this machine
	@exec $(BIN)/python manage.py stack --port $(PORT)

demo: $(VENV)/run.stamp  ## play the whole story against the running server
	@$(BIN)/python -m clients.demo_story --url http://127.0.0.1:$(PORT)

test: lint floors migrations
	@$(MAKE) --no-print-directory -j2 types suite

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.stamp
	$(CHECK) $(BIN)/mypy

floors: $(VENV)/dev.stamp
	$(BIN)/lint-imports --no-logo

migrations: $(VENV)/dev.stamp
	$(CHECK) $(BIN)/python manage.py makemigrations --check --dry-run

suite: $(VENV)/dev.stamp  ## on SQLite in memory layers, then on PostgreSQL and Redis
	@.ci/suite

coverage: export COVERAGE = 1
coverage: suite  ## the same, and which lines no test is about; slower

chaos: $(VENV)/dev.stamp  ## lines cut, processes killed, Redis away or silent: nobody misses anything; with a report
	CHAOS=1 $(BIN)/python -m pytest -q -s $(addprefix tests/end_to_end/,test_kill.py test_jobs.py)
	CHAOS=1 TEST_STACK=distributed $(BIN)/python -m pytest -q -s $(STORMS)

bench: $(VENV)/dev.stamp $(VENV)/bench.stamp  ## how fast it is, beside what this machine does at best; ONLY=part
	$(BIN)/python -m bench $(ONLY)

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

clean:  ## everything but your data in var/
	rm -rf $(VENV) .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing requirements.txt …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/stack.stamp: $(VENV)/run.stamp requirements-stack.txt
	@echo "Installing requirements-stack.txt …"
	@$(PIP) -r requirements-stack.txt
	@touch $@

$(VENV)/bench.stamp: bench/requirements.txt
	@test -x $(VENV)/bench-helpdesk/bin/python || $(PYTHON) -m venv $(VENV)/bench-helpdesk
	@echo "Installing bench/requirements.txt …"
	@$(VENV)/bench-helpdesk/bin/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/stack.stamp requirements-dev.txt
	@echo "Installing requirements-dev.txt …"
	@$(PIP) -r requirements-dev.txt
	@touch $@
