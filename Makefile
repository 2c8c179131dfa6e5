# Two words matter: `make run` and `make test`. The rest is listed by `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PORT ?= 5000
export PORT
# Test processes side by side, and anything more for pytest: make test ARGS='-k storm'
JOBS ?= 2
ARGS ?=

PY := .venv/bin/python
RUNTIME := .venv/.runtime
DEV := .venv/.dev
CODE := app sandbox faults bench tests tools migrations wsgi.py

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUNTIME) ## the shop with its demo label at 127.0.0.1:5000 (PORT= changes it, EMPTY=1 leaves it empty), until Ctrl-C
	@exec $(PY) -m app.serve demo

.PHONY: flask
flask: $(RUNTIME) ## one command on the demo's database (EMPTY=1: the empty one's): make flask do='staff add you@example.org'
	@exec $(PY) -m app.serve flask $(do)

.PHONY: test
test: $(DEV) chromium check ## every check and every test, on SQLite, PostgreSQL and in a real browser
	$(PY) -m pytest -n $(JOBS) $(ARGS)

# ARGS='F05 F14' runs those rows alone; SEED=… repeats a run.
SEED ?=
export SEED

.PHONY: faults
faults: $(DEV) ## everything that can break, broken on purpose: one table, and build/faults.json
	@$(PY) -m faults $(ARGS)

.PHONY: bench
bench: $(DEV) ## the drop against its floors: one table, and build/bench.json (make bench ARGS=--short)
	@$(PY) -m bench $(ARGS)

.PHONY: growth
growth: $(DEV) ## what a request costs as copies, drops, orders and processes become more: build/growth.json
	@$(PY) -m bench growth $(ARGS)

.PHONY: scale
scale: $(DEV) nginx ## two machines, a cache in front, and when SQLite should be left: build/scale.json
	@$(PY) -m bench scale $(ARGS)

.PHONY: soak
soak: SECONDS = 1200
soak: $(DEV) ## drop after drop for 20 minutes (make soak SECONDS=60): does the memory stay flat?
	@$(PY) -m bench soak --seconds $(SECONDS) $(ARGS)

.PHONY: flame
flame: $(DEV) ## where the time goes, drawn for each hot path into build/flames (needs py-spy)
	@$(PY) -m bench flame $(ARGS)

.PHONY: browser
browser: $(DEV) chromium ## only the stories told in a real browser
	$(PY) -m pytest -m browser $(ARGS)

N ?= 300

.PHONY: day
day: $(DEV) chromium ## a label's day in a real browser: 300 orders packed and shipped, every action counted (make day N=60)
	@$(PY) -m tests.day --orders $(N) $(ARGS)

.PHONY: pictures
pictures: $(DEV) chromium ## how every page looks, light and dark, wide and narrow: .test/screenshots
	PICTURES=1 $(PY) -m pytest -n $(JOBS) tests/browser/test_pages.py::test_page $(ARGS)

.PHONY: guide
guide: ARGS = -k 'desk-drop-day or desk-orders or desk-preorder or desk-scan-parcel or desk-parcel-slips or desk-books'
guide: pictures ## the pictures of the desk's guide, as the browser tests take them: docs/images/desk
	$(PY) -m tools.guide_pictures

SECONDS ?= 3600

.PHONY: simulate
simulate: $(DEV) ## made-up days of a whole shop in one process: make simulate SECONDS=60 SEED=4711
	@$(PY) -m tests.sim --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

.PHONY: check
check: $(DEV) ## lint, format, types, templates, import contracts, migrations
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy
	$(PY) -m djlint templates --lint --quiet
	$(PY) -c 'from importlinter.cli import lint_imports_command as check; check()'
	tools/migrations.sh

.PHONY: fmt
fmt: $(DEV) ## mend what can be mended by itself
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)

.PHONY: chromium
chromium: ## find Chromium, or install it where that is possible
	@tools/chromium.sh

.PHONY: nginx
nginx: ## find nginx, or install it where that is possible
	@tools/nginx.sh

.PHONY: lock
lock: $(RUNTIME) ## compile the pinned requirements from the two .in files
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' requirements.in -o requirements.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' --constraint requirements.txt requirements-dev.in -o requirements-dev.txt

.PHONY: vendor
vendor: ## fetch the pinned front-end files again (needs npm)
	tools/vendor.sh

.PHONY: clean
clean: ## remove caches; the virtual environment and var/ stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .test build

# A stamp is newer than its requirements file when everything in that file is installed.
$(RUNTIME): requirements.txt
	@tools/bootstrap.sh runtime

$(DEV): requirements-dev.txt requirements.txt
	@tools/bootstrap.sh dev
