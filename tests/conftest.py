"""What all tests have in common: nothing of this machine's environment, and the same examples every time."""

import gc
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from utils.ledger import Forgetful, Ledger
from utils.ledger.database import Database
from utils.ledger.opening import database_of, ledger_of
from utils.settings import Settings

settings.register_profile(
    "same_everywhere",
    derandomize=True,
    deadline=None,  # a busy machine is no failure
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("same_everywhere")

_OURS = (
    "API_KEY",
    "ACCESS_KEY",
    "ADMIN_KEY",
    "OPENAI_",
    "HF_TOKEN",
    "KEYS_",
    "ADMIN_KEY",
    "DATABASE_URL",
    "AWS_",
    "ALLOW_WITHOUT_KEY",
    "_CONFIG",
    "MULTI_PROVIDER",
    "METRICS_KEY",
    "CLIENTS_FILE",
    "DEFAULT_MODEL",
    "OTEL_",
    "LOG_",
    "DEBUG",
    "LEDGER",
    "STORE_USER_IDS",
    "RETENTION_DAYS",
    "MODAL_",
)


@pytest.fixture
def garbage_as_before() -> Iterator[None]:
    """Python looks for garbage afterwards as it did before."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture(autouse=True)
def _no_variables_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if any(part in name for part in _OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KEYS_FILE", "/nowhere/keys.json")
    monkeypatch.setenv("CLIENTS_FILE", "/nowhere/clients.json")
    monkeypatch.setenv("LEDGER", "off")


@pytest.fixture(autouse=True)
def _no_usage_in_the_folder_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that a test starts keeps its usage only where the test says."""
    for name in ("utils.office", "utils.api_doors"):
        module = sys.modules.get(name)
        if hasattr(module, "ledger_of"):
            monkeypatch.setattr(module, "ledger_of", _ledger_of)
        if hasattr(module, "database_of"):
            monkeypatch.setattr(module, "database_of", _database_of)


def _ledger_of(settings: Settings, **more: Any) -> Ledger:
    return Forgetful() if settings.ledger == "auto" else ledger_of(settings, **more)


def _database_of(settings: Settings, environ: Mapping[str, str] | None = None) -> Database | None:
    return None if settings.ledger == "auto" else database_of(settings, environ)


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
