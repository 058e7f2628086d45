"""A store of its own for each test."""

from pathlib import Path

import pytest

from utils.keys.store import KeyStore, store_of


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that name a store in a folder of this test; they are set in the environment too."""
    for name in ("KEYS_MASTER_KEY", "KEYS_STORE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    variables = {
        "KEYS_FILE": str(tmp_path / "store" / "keys.json"),
        "KEYS_MASTER_KEY_FILE": str(tmp_path / "master" / "keys.master"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def file(places: dict[str, str]) -> Path:
    return Path(places["KEYS_FILE"])


@pytest.fixture
def master_file(places: dict[str, str]) -> Path:
    return Path(places["KEYS_MASTER_KEY_FILE"])


@pytest.fixture
def store(places: dict[str, str]) -> KeyStore:
    return store_of(places)
