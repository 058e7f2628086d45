.DEFAULT_GOAL := help
PYTHON ?= python
PIP_COMPILE = uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-emit-index-url

.PHONY: help run test check coverage lint types schema docs requirements bench bench-micro soak deploy

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

run:  ## serve the bots on this machine
	$(PYTHON) run_local.py

test:  ## the tests, as the README has them
	$(PYTHON) -m pytest

check: lint types test  ## what CI runs: format, lint, types, house rules, tests

coverage:  ## which lines the tests reach; takes twice as long as the tests alone
	$(PYTHON) -m pytest --cov --cov-report=term

lint:  ## format and lint
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types:  ## strict types
	$(PYTHON) -m mypy

schema:  ## bring config/schema up to date with the models
	$(PYTHON) -m utils.registry.schema

docs:  ## bring the tables in docs/providers up to date with the code
	$(PYTHON) -m utils.providers.reference

requirements:  ## pin all requirements files anew from pyproject.toml, each package alike in all of them (needs uv)
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --all-extras --group dev -o .pins.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --constraint .pins.txt -o requirements.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --extra console --constraint .pins.txt -o requirements-console.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --extra bedrock --constraint .pins.txt -o requirements-bedrock.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --extra otel --constraint .pins.txt -o requirements-otel.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --group dev --constraint .pins.txt -o requirements-dev.txt
	rm .pins.txt

bench:  ## how fast it is, beside a bot as people write it and LiteLLM's proxy: `make bench ARGS="--only first"`
	$(PYTHON) -m bench $(ARGS)

bench-micro:  ## what single steps of an answer take
	$(PYTHON) -m bench.micro

soak:  ## hundreds of answers at once from providers that fail: `make soak MINUTES=10`
	$(PYTHON) -m bench.soak --minutes $(or $(MINUTES),10)

deploy:  ## put the bots online
	$(PYTHON) config_manager.py check && modal deploy app.py
