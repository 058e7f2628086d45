"""The owner edits the two files from afar, as `config_manager.py` does here.

GET    /admin/config                            both files, entry by entry
GET    /admin/config/schema                     what an entry may say, as JSON schemas
GET    /admin/config/known                      the providers that are known by name, with the entry for each
POST   /admin/config/{bots|providers}           one more entry
PUT    /admin/config/{bots|providers}/{name}    another text in its place
DELETE /admin/config/{bots|providers}/{name}    an entry less

With `dry_run=true` nothing is saved. `If-Match` with the `version` of a file refuses when that has changed meanwhile.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from utils.problems import did_you_mean
from utils.providers.catalogue import CATALOGUE, KnownProvider
from utils.registry.editing import Section
from utils.registry.schema import entry_schemas

from .config_editor import SECTIONS, ConfigEditor, Result, Wish
from .operator_body import BadBody, json_object
from .operator_desk import Actions
from .operator_key import error
from .switch import is_on, what_it_takes
from .taking_over import Reload, TakenOver, taken_over

_log = structlog.get_logger(__name__)

_CONFIG = "/admin/config"
_LARGEST_BODY = 262_144
_MOST_VALUES = 10_000
_DEEPEST = 40
_FIELDS = ("entry", "yaml", "version")
_STATUSES = {"missing": 404, "exists": 409, "busy": 409, "changed": 409, "unwritable": 403}
"""By why a change was refused; any other reason is 422."""


class ConfigDesk:
    """One change at a time, whoever asks; other programs are kept out by the lock of the files."""

    def __init__(self, editor: ConfigEditor, reload: Reload) -> None:
        self._editor = editor
        self._reload = reload
        self._one_at_a_time = asyncio.Lock()

    def actions(self, path: str) -> Actions:
        """What is done at the path, by method."""
        if path == _CONFIG:
            return {"GET": self._listed}
        if path == f"{_CONFIG}/schema":
            return {"GET": _schemas}
        if path == f"{_CONFIG}/known":
            return {"GET": _known}
        for section in SECTIONS:
            if path == f"{_CONFIG}/{section}":
                return {"POST": partial(self._change, section, None)}
            if name := path.removeprefix(f"{_CONFIG}/{section}/") if path.startswith(f"{_CONFIG}/{section}/") else "":
                return {"PUT": partial(self._change, section, name), "DELETE": partial(self._remove, section, name)}
        return {}

    async def _listed(self, request: Request) -> Response:
        async with self._one_at_a_time:
            return JSONResponse(await asyncio.to_thread(self._editor.listing))

    async def _change(self, section: Section, name: str | None, request: Request) -> Response:
        try:
            said = await json_object(request, _LARGEST_BODY)
            wish, version = _wish_in(said), _version(request, said)
            is_rehearsal = _switch(request, "dry_run")
        except BadBody as exc:
            return error(exc.status, str(exc))
        return await self._carried_out(section, name, wish, version, save=not is_rehearsal)

    async def _remove(self, section: Section, name: str, request: Request) -> Response:
        try:
            is_rehearsal = _switch(request, "dry_run")
        except BadBody as exc:
            return error(exc.status, str(exc))
        return await self._carried_out(section, name, None, _version(request, {}), save=not is_rehearsal)

    async def _carried_out(
        self, section: Section, name: str | None, wish: Wish | None, version: str | None, *, save: bool
    ) -> Response:
        async with self._one_at_a_time:
            result = await asyncio.to_thread(self._editor.change, section, name, wish, version, save=save)
            came = await taken_over(self._reload) if result.saved else TakenOver()
        if result.saved:
            _log.warning("operator.config_changed", section=section, entry=name, removed=wish is None)
        well = 201 if save and name is None else 200
        status = well if result.reason is None else _STATUSES.get(result.reason, 422)
        return JSONResponse(_as_json(result, came), status)


async def _schemas(request: Request) -> Response:
    return JSONResponse(entry_schemas())


async def _known(request: Request) -> Response:
    return JSONResponse({"providers": [_known_provider(name, known) for name, known in CATALOGUE.items()]})


def _known_provider(name: str, known: KnownProvider) -> dict[str, Any]:
    said = {"name": name, "title": known.title, "key_url": known.key_url, "note": known.note}
    return {**said, "key_names": list(known.api_key_env), "entry": {"name": name, **known.facts}}


def _as_json(result: Result, came: TakenOver) -> dict[str, Any]:
    return {
        **({"error": result.message} if result.reason else {}),
        "diff": result.diff,
        "problems": result.problems,
        "saved": result.saved,
        "version": result.version,
        "entry": result.entry,
        "reload": came.change,
        "not_in_force": came.why_not,
    }


def _wish_in(said: Mapping[str, Any]) -> Wish:
    if unknown := next((name for name in said if name not in _FIELDS), None):
        raise BadBody(f"`{unknown[:100]}` is not known here.{did_you_mean(unknown[:100], _FIELDS)}")
    entry, yaml = said.get("entry"), said.get("yaml")
    if (entry is None) == (yaml is None):
        raise BadBody("Say either `entry`, an object, or `yaml`, its lines.")
    if not isinstance(entry, dict | None) or not isinstance(yaml, str | None):
        raise BadBody("`entry` should be an object." if yaml is None else "`yaml` should be text.")
    if _size(entry) > _MOST_VALUES:
        raise BadBody("The entry is larger, or nested more deeply, than any configuration.")
    return Wish(entry, yaml)


def _size(value: Any, depth: int = 0) -> int:
    """How many values it holds; one too many where it is too deep."""
    if depth > _DEEPEST:
        return _MOST_VALUES + 1
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    size = 1
    for each in inner:
        size += _size(each, depth + 1)
    return size


def _version(request: Request, said: Mapping[str, Any]) -> str | None:
    header = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    version = said.get("version")
    if not isinstance(version, str | None):
        raise BadBody("`version` should be the text that came with the file.")
    return version or (header if header != "*" else "") or None


def _switch(request: Request, name: str) -> bool:
    if (switch := is_on(request, name)) is None:
        raise BadBody(what_it_takes(name))
    return switch
