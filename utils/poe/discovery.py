"""Bots that are written in Python: found by their dotted name, or by lying in a package."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TypeVar

import fastapi_poe as fp

from utils.errors import ConfigError
from utils.problems import Problem, did_you_mean

from .multi_provider_bot import MultiProviderBot

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


def import_bot_class(dotted_name: str) -> type[fp.PoeBot]:
    """The class of that name. Raises `ConfigError` when there is none, or when it is no bot."""
    module_name, _, class_name = dotted_name.rpartition(".")
    if not module_name:
        raise ConfigError(f"`{dotted_name}` is no dotted name such as bots.llm_chat_bot.LLMChatBot.")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as exc:  # the module is somebody else's code
        raise ConfigError(f"`{module_name}` cannot be imported: {_reason(exc)}.") from exc
    found = getattr(module, class_name, None)
    if found is None:
        near = did_you_mean(class_name, (name for name, value in vars(module).items() if isinstance(value, type)))
        raise ConfigError(f"`{module_name}` has no class `{class_name}`.{near}")
    if not (isinstance(found, type) and issubclass(found, fp.PoeBot)):
        raise ConfigError(f"`{dotted_name}` is no bot: it should be a subclass of LLMChatBot, BaseBot or PoeBot.")
    return found


def find_bots(package: str) -> tuple[list[fp.PoeBot], list[Problem]]:
    """A bot of every class with a `bot_name` in the package, and what kept others from being made."""
    bots: list[fp.PoeBot] = []
    problems: list[Problem] = []
    for module in _tried(_modules_of, package, package, problems):
        for cls in _tried(_bot_classes_of, module, module, problems):
            bots += _tried(_made, cls, module, problems)
    return bots, problems


def _tried(step: Callable[[_Given], list[_Found]], given: _Given, module: str, problems: list[Problem]) -> list[_Found]:
    """What is found, or nothing and a problem: one bot's trouble is never another's."""
    try:
        return step(given)
    except (Exception, SystemExit) as exc:
        problems.append(Problem(f"its bots cannot be served: {_reason(exc)}.", f"{module.replace('.', '/')}.py"))
        return []


def _modules_of(package: str) -> list[str]:
    try:
        folder = importlib.import_module(package).__path__
    except ModuleNotFoundError as exc:
        if exc.name == package:  # there need not be any bots in Python
            return []
        raise
    names = (module.name for module in pkgutil.iter_modules(folder, f"{package}."))
    return sorted(name for name in names if not name.rpartition(".")[2].startswith("_"))


def _bot_classes_of(module: str) -> list[type[fp.PoeBot]]:
    values = vars(importlib.import_module(module)).values()
    classes = (value for value in values if isinstance(value, type) and issubclass(value, fp.PoeBot))
    # By identity, once: a class may have a second name in its module.
    own = dict.fromkeys(cls for cls in classes if cls.__module__ == module)
    return [cls for cls in own if isinstance(cls.__dict__.get("bot_name"), str)]


def _made(cls: type[fp.PoeBot]) -> list[fp.PoeBot]:
    """A bot of the class. The dataclass of fastapi_poe overlooks what a subclass sets, so it is set again."""
    if issubclass(cls, MultiProviderBot):
        name = f"{cls.__module__}.{cls.__name__}"
        raise ConfigError(f"`{cls.__name__}` needs a provider: give it an entry in bots.yaml with `bot_class: {name}`")
    bot = cls()
    bot.bot_name = bot.bot_name or cls.__dict__["bot_name"]
    own_path = cls.__dict__.get("path")
    if bot.path == "/":
        bot.path = own_path if isinstance(own_path, str) else f"/{bot.bot_name}"
    if not bot.path.startswith("/"):
        raise ConfigError(f"the path of `{bot.bot_name}` should begin with a slash")
    return [bot]


def _reason(exc: BaseException) -> str:
    said = str(exc).rstrip(".")
    if isinstance(exc, ConfigError):
        return said
    return f"{type(exc).__name__}: {said}" if said else type(exc).__name__
