# Every target prepares what it needs itself: .venv, and a database and a broker under .local.
# Another Python: make demo PYTHON=python3.12. Another port: make demo PORT=8080.

SHELL := /bin/sh
BIN := .venv/bin
APPS := config insights queries sellers surveys
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11

ifndef PYTHON
PYTHON := $(shell for python in $(PYTHONS); do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>&- && echo $$python && exit; \
	done; echo python3)
endif

# What a real installation has, for the checks that look at settings; nothing connects to these.
PRODUCTION := env DEBUG=false DEMO=false HSTS=preload SITE_URL=https://portal.example ALLOWED_HOSTS=portal.example \
	SECRET_KEY=only-for-checks-a7DkP2xQ9vLmR4tYw8ZsB3nF6hJ1cG5eUoTiKqXy \
	DATABASE_URL=postgresql://portal@localhost:9/portal CELERY_BROKER_URL=redis://localhost:9/0 \
	CACHE_URL=rediscache://localhost:9/1 EMAIL_URL=smtp://localhost:9

# Prints what a command says only when it fails.
QUIETLY := sh -c 'said=$$("$$@" 2>&1) || { echo "$$said"; exit 1; }' quietly

# Each worker of the tests has a PostgreSQL of its own, unless DATABASE_URL names the one for all:
# on one server the tests of what others have not committed yet would wait for each other. Two more
# than there are processors: the one with the browser and the one with the faults mostly wait.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 2, 4))' 2>&-)
PARALLEL := $(if $(DATABASE_URL),,--numprocesses=$(WORKERS))

# What is compiled is kept: else each of many short programs would compile all of it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-fast test-api test-junk test-faults test-cluster bench bench-load bench-migrate check check-types check-rest lock clean manage messages format install

help:
	@echo "make demo      start Nazorg with demo data; Ctrl-C stops it (PORT=8080 for another port)"
	@echo "make test      run all tests (ARGS='-k nps' for some)"
	@echo "make test-fast  those without a browser and servers"
	@echo "make test-api  thousands of requests to the API, a large feed, many writers, and clients made from its description"
	@echo "make test-junk  junk of every kind at every route"
	@echo "make test-faults  10,000 surveys while workers, broker, database and mail server fail"
	@echo "make test-cluster two web hosts, two workers, Redis, a primary and its replica, each killed in turn"
	@echo "make bench     measure speed, each figure as a ratio (SCALE=full for 10 million measurements)"
	@echo "make bench-load many readers, unfinished bodies and locked rows at once, and what others get meanwhile"
	@echo "make bench-migrate  what others wait for while a migration changes a million measurements"
	@echo "make check     lint, types, imports, migrations, settings, lock files, translations"
	@echo "make format    lay out the source as make check wants it"
	@echo "make messages  collect and compile the texts to translate"
	@echo "make lock      pin all that requirements*.txt bring, with hashes, and list it: deploy/"
	@echo "make manage    a management command on the demo's data: ARGS='shell'"
	@echo "make clean     remove .venv, .local and caches, the demo's data included"

demo:
	@$(PYTHON) config/local/bootstrap.py requirements-demo.txt
	@$(BIN)/python -m config.local demo

install:
	@$(PYTHON) config/local/bootstrap.py requirements-dev.txt

test: install
	@$(PYTHON) config/local/bootstrap.py browser
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

test-fast: install
	@$(BIN)/python -m pytest $(PARALLEL) -m "not servers and not clients" $(ARGS)

test-api:
	@$(PYTHON) config/local/bootstrap.py requirements-api.txt node
	@API_EXAMPLES=$${API_EXAMPLES:-200} FEED_QUERIES=$${FEED_QUERIES:-10000} CHANGES_EVENTS=100000 CHANGES_SECONDS=5 \
		$(BIN)/python -m pytest $(PARALLEL) -m "" tests/api/test_schema.py tests/api/clients tests/api/test_feed.py tests/api/test_changes.py $(ARGS)

test-junk: install
	@JUNK_EVERY=1 $(BIN)/python -m pytest tests/test_junk.py --capture=no --show-capture=no $(ARGS)

test-faults: install
	@FAULTS_CLOSINGS=10000 FAULTS_KILLS=20 FAULTS_WIPES=2 FAULTS_LINKS=200 FAULTS_MAILS=10000 FAULTS_REPLIES=1000 FAULTS_ANSWERS=1000 FAULTS_GONE_SECONDS=20 FAULTS_SURVEYS=200 $(BIN)/python -m pytest tests/faults --capture=no \
		--show-capture=no -o log_cli=false $(ARGS)

test-cluster: install
	@command -v redis-server >/dev/null || { echo "Redis is missing. Debian: apt install redis-server"; exit 1; }
	@$(BIN)/python -m pytest -m cluster tests/faults --capture=no --show-capture=no -o log_cli=false $(ARGS)

bench: install
	@$(BIN)/python -m tests.bench

bench-load: install
	@$(BIN)/python -m tests.bench.load

bench-migrate: install
	@$(BIN)/python -m tests.bench.migrating

manage: install
	@$(BIN)/python -m config.local run -- $(BIN)/python manage.py $(ARGS)

check: install
	@$(MAKE) --no-print-directory --jobs=2 check-types check-rest
	@echo "All is well."

check-types:
	@echo "mypy: types"
	@$(PRODUCTION) $(BIN)/mypy --no-error-summary

check-rest:
	@echo "ruff: layout"
	@$(BIN)/ruff format --quiet --diff .
	@echo "ruff: lint"
	@$(BIN)/ruff check --quiet .
	@echo "djade and djhtml: templates"
	@$(QUIETLY) $(BIN)/djade --target-version 5.2 --check $$(find templates -name '*.html')
	@$(QUIETLY) $(BIN)/djhtml --tabwidth 2 --check templates
	@echo "django-upgrade: idioms"
	@$(BIN)/django-upgrade --target-version 5.2 --check $$(find manage.py $(APPS) tests -name '*.py')
	@echo "import-linter: imports go down only"
	@$(QUIETLY) $(BIN)/lint-imports --no-logo
	@echo "Django: migrations"
	@$(QUIETLY) $(PRODUCTION) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run -v 0
	@echo "Django: production settings"
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "Migrations keep nobody waiting (squawk); locks are complete and listed; translations are complete"
	@$(QUIETLY) $(BIN)/python -m pytest --quiet -p no:randomly tests/test_migrations.py tests/config/test_lock.py tests/test_translations.py

format: install
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djade --target-version 5.2 $$(find templates -name '*.html')
	@$(BIN)/djhtml --tabwidth 2 templates

messages: install
	@command -v msgfmt >/dev/null || { echo "The gettext tools are missing. Debian: apt install gettext"; exit 1; }
	@$(PRODUCTION) $(BIN)/python manage.py makemessages --locale nl --no-obsolete --no-location \
		--ignore .venv --ignore .local
	@$(PRODUCTION) $(BIN)/python manage.py compilemessages --locale nl --ignore .venv --verbosity 0

lock: install
	@others=; for name in requirements requirements-demo requirements-dev requirements-api; do \
		$(BIN)/uv pip compile $$name.txt $$others --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate --quiet --output-file deploy/$$name.lock || exit 1; \
		others="--constraint deploy/$$name.lock"; \
	done
	@$(PYTHON) config/local/bootstrap.py requirements-dev.txt
	@$(BIN)/python -m tests.locks

clean:
	@$(PYTHON) config/local/bootstrap.py clean
