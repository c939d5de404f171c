# Everything a person types. `make run` needs git, make and Python ≥3.11 with venv; nothing else.
#   make run HOST=… PORT=8000 PROVINCE=66 DATA_DIR=./var     Ctrl-C stops it all; the data stay
#   make run SIMULATE=1   constructed people use it              make volume   a province's year, measured
#   make reset      forget the data        make check    lint, types, contracts, translations
#   make test       check and all tests    make soak     kills and outages     make bench   figures
#   make wheels     dist/offline: all that a machine without network needs, with install-offline.sh
#   make agent      dist/agent: the signing agent alone, for officials' PCs
SHELL := /bin/sh
.DEFAULT_GOAL := run
.PHONY: run reset check test soak bench volume frontend messages dev format wheels agent
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# TMPDIR: uv leaves locks of what it builds in the folder of temporary files.
UV := TMPDIR="$(CURDIR)/.build" $(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python
LOCKED := $(UV) --require-hashes --constraint lock.txt --requirement pyproject.toml
TESTS ?=
WORKERS ?= 2

# npm's Node would keep compiled code in /tmp; everything that is written stays in the checkout.
export NODE_DISABLE_COMPILE_CACHE := 1

# Passed on only where given: the program has its own defaults.
$(foreach name,HOST PORT PROVINCE DATA_DIR SIMULATE,$(if $($(name)),$(eval export $(name))))

run: .venv/.run frontend messages
	@exec $(BIN)/python -m tinhso.cli up

reset: .venv/.run
	@$(BIN)/python -m tinhso.cli reset

check: dev messages
	@echo "Lint, format, contracts, types, translations …"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-logo >.build/contracts.txt || { cat .build/contracts.txt; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/python -m tinhso.cli makemessages-check

PYTEST = env -u DJANGO_SETTINGS_MODULE $(BIN)/python -m pytest
# pytest's 5 says that there was nothing to run, which with TESTS=… may be so for one of the two.
test: check frontend
	@$(PYTEST) -m "not soak and not browser" -n $(WORKERS) --dist worksteal $(TESTS) || [ $$? -eq 5 ]
	@$(PYTEST) -m "browser and not soak" -n $(WORKERS) --dist worksteal $(TESTS) || [ $$? -eq 5 ]

soak: dev frontend messages
	@$(PYTEST) -m "soak and not browser" $(TESTS) || [ $$? -eq 5 ]
	@$(PYTEST) -m "soak and browser" $(TESTS) || [ $$? -eq 5 ]

bench: dev frontend messages
	@$(BIN)/python -m bench

# VOLUME_ACTIONS=50000 VOLUME_ROWS=3000000, VOLUME_PROCESSES=…, VOLUME_PROFILE=1, VOLUME_SQL=1
volume: dev frontend messages
	@$(BIN)/python -m bench.volume

format: dev
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

frontend: .venv/.run
	@$(BIN)/python frontend/build.py

messages: .venv/.run
	@$(BIN)/python -m tinhso.cli compile-messages

dev: .venv/.dev

# The wheels of the lock for this machine's kind and Python, and the product's own with its built pages;
# what has no wheel is built. Their own hashes are listed anew, for a machine that sees nothing else.
OFFLINE := dist/offline
wheels: .venv/.run
	@rm -rf $(OFFLINE) && mkdir -p $(OFFLINE)
	@echo "Collecting wheels in $(OFFLINE) …"
	@$(BIN)/uv pip compile --quiet --system-certs --python $(BIN)/python --constraint lock.txt --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url pyproject.toml -o .build/wheels.txt
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --require-hashes \
	  --requirement .build/wheels.txt --wheel-dir $(OFFLINE)
	@$(BIN)/python -m hatchling build --target wheel --directory $(OFFLINE) >.build/wheel.txt 2>&1 || { cat .build/wheel.txt; exit 1; }
	@cd $(OFFLINE) && for wheel in *.whl; do echo "./$$wheel --hash=sha256:$$(sha256sum "$$wheel" | cut -d' ' -f1)"; done \
	  >requirements.txt
	@cp deploy/install-offline.sh $(OFFLINE)/ && cp -r deploy $(OFFLINE)/deploy
	@du -sh $(OFFLINE)

agent: .venv/.run messages
	@rm -rf dist/agent && cd deploy/agent && $(CURDIR)/$(BIN)/python -m hatchling build --target wheel --directory $(CURDIR)/dist/agent \
	  >$(CURDIR)/.build/agent.txt 2>&1 || { cat $(CURDIR)/.build/agent.txt; exit 1; }
	@ls dist/agent/*.whl

# ── set-up ──────────────────────────────────────────────────────────────────────────────────
# Each step leaves a stamp, so that a second start has nothing to do.

.venv/.python:
	@command -v git >/dev/null || { echo "git is missing. Install it, then run make again." >&2; exit 1; }
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -c 'import venv, ensurepip' 2>/dev/null || { novenv="$$python"; continue; }; \
	  echo "Making .venv with $$("$$python" --version) …"; \
	  "$$python" -m venv .venv && touch $@ && exit 0; exit 1; \
	done; \
	if [ -n "$$novenv" ]; then echo "$$novenv has no venv. Install it (Debian: apt install python3-venv), then run make again." >&2; \
	else echo "Python 3.11 or newer is missing. Install it, then run make again." >&2; fi; exit 1

# uv comes by pip, of the version and with the hashes of the lock; the rest comes by uv.
.venv/.uv: .venv/.python lock.txt
	@mkdir -p .build
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' lock.txt > .build/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .build/uv.txt
	@touch $@

.venv/.run: .venv/.uv pyproject.toml
	@echo "Installing what the program needs …"
	@extra=; node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 \
	  || extra="--extra frontend"; $(LOCKED) --extra setup $$extra
	@$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run
	@echo "Installing what checks and tests need …"
	@$(LOCKED) --extra setup --extra dev
	@touch $@
