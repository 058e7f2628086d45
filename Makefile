.DEFAULT_GOAL := help
PYTHON ?= python
PIP_COMPILE = uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-emit-index-url

.PHONY: help run test check lint types schema docs requirements bench soak deploy

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

run:  ## serve the bots on this machine
	$(PYTHON) run_local.py

test:  ## the tests, as the README has them
	$(PYTHON) -m pytest

check: lint types  ## what CI runs: format, lint, types, house rules, tests with coverage
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

requirements:  ## pin requirements.txt and requirements-dev.txt anew from pyproject.toml (needs uv)
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml -o requirements.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --extra bedrock -o requirements-bedrock.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --extra otel -o requirements-otel.txt
	$(PIP_COMPILE) --custom-compile-command "make requirements" pyproject.toml --group dev -o requirements-dev.txt

bench:  ## start-up time and time to first token, beside the conventional bot
	$(PYTHON) -m bench

soak:  ## hundreds of answers at once from providers that fail: `make soak MINUTES=10`
	$(PYTHON) -m bench.soak --minutes $(or $(MINUTES),10)

deploy:  ## put the bots online
	$(PYTHON) config_manager.py check && modal deploy app.py
