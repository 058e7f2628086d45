"""What all tests have in common: nothing of this machine's environment, and the same examples every time."""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

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
    "LOG_",
    "DEBUG",
)


@pytest.fixture(autouse=True)
def _no_variables_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if any(part in name for part in _OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KEYS_FILE", "/nowhere/keys.json")


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
