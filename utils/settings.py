"""The environment, read once into one frozen object. API keys are not in it: `utils.keys` reads those at use."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from utils.problems import Problem, did_you_mean

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the project: on Modal the same files lie elsewhere than where they were deployed from."""

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseModel, frozen=True, extra="forbid"):
    """What the environment says about this server. Each field is the variable of that name in capitals."""

    provider_config: Path = ROOT / "config" / "providers.yaml"
    """The file with the providers."""
    bot_config: Path = ROOT / "config" / "bots.yaml"
    """The file with the bots."""
    multi_provider_enabled: bool = True
    """Whether the bots of the bot file are served; without them only those written in Python are."""
    allow_without_key: bool = False
    """Whether a bot that has no Poe access key answers anybody. Only for a server that nobody else can reach."""
    max_body_mb: int = Field(default=64, ge=1, le=1024)
    """The largest request that is read, in MiB. Poe sends the text of attachments along, so keep it generous."""
    default_model: str = ""
    """Who answers an API client that names nobody: a bot, or `provider:model`; by default the first that is ready."""
    clients_file: Path = ROOT / "data" / "clients.json"
    """The file with the clients of the API: hashes of their keys, and what each may ask."""
    chat_retention_days: int = Field(default=30, ge=0)
    """After how many days without a new message a conversation of `/chat` is forgotten; 0 keeps it."""
    public_url: str = ""
    """Where the world reaches this server, such as https://bots.example.com: for the addresses that Poe wants."""
    watch_config: bool = False
    """Whether the two files are watched and what changes in them is taken over at once. `run_local.py` does so."""
    debug: bool = False
    """More detail in the log."""
    log_level: LogLevel = "info"
    """From which level on the log is written: debug, info, warning or error."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """`auto` is readable on a terminal and JSON lines elsewhere."""

    keys_store: Literal["file", "database"] = "file"
    """Where the encrypted keys lie: in a file, or in a table of the database that `DATABASE_URL` names."""
    keys_file: Path = ROOT / "data" / "keys.json"
    """The file with the encrypted keys."""
    keys_master_key_file: Path = ROOT / "data" / "keys.master"
    """The file with the master key of the encrypted keys, where `KEYS_MASTER_KEY` does not hold it."""

    ledger: Literal["auto", "sqlite", "database", "log", "off"] = "auto"
    """Where usage is kept: `sqlite` (a file), `database` (`DATABASE_URL`), `log`, `off`; `auto` takes what is there."""
    ledger_file: Path = ROOT / "data" / "ledger.db"
    """The SQLite file with the usage. Its journal lies beside it, that of a database too."""
    store_user_ids: bool = False
    """Whether the ids of people are kept as they are; otherwise under names that lead back to nobody."""
    retention_days: int = Field(default=0, ge=0)
    """After how many days a record of usage is forgotten; 0 keeps it."""

    problems: tuple[Problem, ...] = Field(default=(), exclude=True)
    """Variables that could not be understood; their defaults are in force."""

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """The settings of this environment. A bad value is reported in `problems` and its default used."""
        environ = os.environ if environ is None else environ
        given = {
            name: _normal(name, environ[name.upper()])
            for name in cls.model_fields
            if name != "problems" and environ.get(name.upper(), "").strip()
        }
        try:
            return cls.model_validate(given)
        except ValidationError as exc:
            bad = {str(error["loc"][0]): error["msg"] for error in exc.errors()}
            good = {name: value for name, value in given.items() if name not in bad}
            problems = tuple(
                Problem(f"the environment variable {name.upper()} cannot be used: {message[0].lower()}{message[1:]}.")
                for name, message in bad.items()
            )
            return cls.model_validate({**good, "problems": problems})

    def with_changes(self, **changes: object) -> "Settings":
        """A copy in which the given fields differ; None leaves a field as it is."""
        unknown = changes.keys() - type(self).model_fields.keys()
        if unknown:
            name = sorted(unknown)[0]
            raise TypeError(f"no setting `{name}`.{did_you_mean(name, type(self).model_fields)}")
        return self.model_copy(update={name: value for name, value in changes.items() if value is not None})

    def to_environment(self) -> dict[str, str]:
        """The variables that make `read` return these settings, for a process of our own."""
        return {name.upper(): str(value) for name, value in self.model_dump().items()}


def environment() -> Mapping[str, str]:
    """The environment itself, for what is looked up by a name that stands in the YAML."""
    return os.environ


def runs_on_modal(environ: Mapping[str, str]) -> bool:
    """Whether this process is in a container of Modal, whose files go with it."""
    return bool(environ.get("MODAL_TASK_ID") or environ.get("MODAL_IS_REMOTE"))


def put_into_environment(variables: Mapping[str, str]) -> None:
    """Make the variables visible to this process and its children. For entry points only."""
    os.environ.update(variables)


def _normal(name: str, value: str) -> str:
    value = value.strip()
    if name in {"provider_config", "bot_config", "keys_file", "keys_master_key_file", "ledger_file", "clients_file"}:
        return str(ROOT / value)  # wherever the process was started from
    return value.lower() if name in {"log_level", "log_format", "keys_store", "ledger"} else value
