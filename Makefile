# Everything a checkout can do. Python 3.11 or 3.12 and make are all it needs; all it installs goes into .venv/.
#   make run        PYTHON=/path/to/python3.12 chooses another interpreter
#   make test       PYTEST_ARGS="-k seeds" narrows the tests

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
.NOTPARALLEL:

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_ARGS ?= -n 2
SOURCES := storyfold workers api
BENCHES := $(patsubst bench/%/run.py,bench-%,$(sort $(wildcard bench/*/run.py)))

# An environment knows its folder by its full name: one that was copied or moved would run the code of the old place.
ifneq ($(shell cat .venv/.home 2>/dev/null),$(shell pwd -P))
.PHONY: .venv/.home
endif

##@ Use

run: .venv/.installed ## install what is missing, then run Storyfold until Ctrl-C
	@exec $(BIN)/storyfold up

doctor: .venv/.installed ## check the installation and say what to do
	@exec $(BIN)/storyfold doctor

##@ Work on it

test: lint ## every quality gate: linters, types, import contracts, tests
	$(call say,tests)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

faults: bench-faults ## strike a run with every fault for half an hour (shorter: BENCH_ARGS="--minutes 6 --links 2000")

lint: .venv/.installed-dev ## the gates that run nothing: ruff, mypy, import-linter
	$(call say,ruff check)
	@$(BIN)/ruff check --quiet .
	$(call say,ruff format --check)
	@$(BIN)/ruff format --quiet --check . || { echo "    'make format' sets them right" >&2; exit 1; }
	$(call say,mypy $(SOURCES))
	@$(BIN)/mypy --no-error-summary
	$(call say,import contracts)
	@$(BIN)/lint-imports --no-cache >.venv/contracts.log 2>&1 || { cat .venv/contracts.log >&2; exit 1; }

format: .venv/.installed-dev ## lay out the code as ruff wants it
	@$(BIN)/ruff format .

$(BENCHES): bench-%: .venv/.installed-bench
	@$(BIN)/python bench/$*/run.py $(BENCH_ARGS)

constraints: ## take the newest versions that fit pyproject.toml into constraints.txt
	@rm -rf .venv
	@$(MAKE) .venv/.home
	$(call say,resolving the newest versions)
	@$(PIP) install -qq --upgrade pip setuptools
	@$(PIP) install -qq --no-build-isolation -e '.[dev,bench]'
	@{ echo "# What an installation consists of, to the version: runtime, dev and bench, for Python 3.11 and 3.12."; \
	  echo "# Written by 'make constraints'."; \
	  $(PIP) freeze --all --exclude-editable | tr A-Z_ a-z- ; } > constraints.new
	@mv constraints.new constraints.txt
	@touch .venv/.installed .venv/.installed-dev .venv/.installed-bench

clean: ## remove .venv and caches; the data in var/ stays
	@rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nMeasure (labelled data in STORYFOLD_BENCH_DATA, options in BENCH_ARGS)\n'
	@$(foreach bench,$(BENCHES),printf '  make %-18s %s\n' $(bench) \
	  "$$(sed -n '1s/^"*//p' $(bench:bench-%=bench/%/run.py))";)

.PHONY: run doctor test faults lint format constraints clean help $(BENCHES)

# ---- installing: pip brings up to the pinned versions only what is missing or differs ----

.venv/.installed: .venv/.home pyproject.toml constraints.txt
	$(call install,.,Storyfold)
	@touch $@

.venv/.installed-dev: .venv/.home pyproject.toml constraints.txt
	$(call install,.[dev],Storyfold and what tests it)
	@touch $@ .venv/.installed

.venv/.installed-bench: .venv/.home pyproject.toml constraints.txt
	$(call install,.[dev$(,)bench],Storyfold and what it is measured against)
	@touch $@ .venv/.installed-dev .venv/.installed

# pip comes first and pinned: some interpreters bring one that stops over extras beside constraints
.venv/.home:
	@$(find_python); \
	echo "==> making .venv with $$($$python -c 'import platform, sys; print(platform.python_version(), "of", sys.executable)')"; \
	"$$python" -m venv --clear .venv
	@$(PIP) install -qq --upgrade -c constraints.txt pip setuptools || { $(blame_pip); }
	@pwd -P > $@

, := ,
say = @echo "==> $(1)"
blame_pip = echo "==> the installation failed: pip says why above. 'make clean' lets it start afresh." >&2; exit 1

define install
@echo "==> installing $(2) into .venv (up to a minute)"
@$(PIP) install -qq --no-build-isolation -c constraints.txt -e '$(1)' || { $(blame_pip); }
endef

# A name on the path may be a shim that fails, another version, or a Python without venv: only a run of it tells.
define find_python
python=; \
for candidate in $(if $(PYTHON),'$(PYTHON)',python3.12 python3.11 python3 python); do \
  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1; \
  then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then \
  echo "==> no usable Python: Storyfold needs 3.11 or 3.12 with venv$(if $(PYTHON),$(,) and '$(PYTHON)' is not that)." >&2; \
  echo "    On Debian or Ubuntu: apt install python3.11 python3.11-venv. Elsewhere: make PYTHON=/path/to/python3.12" >&2; \
  exit 1; \
fi
endef
