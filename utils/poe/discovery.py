"""Bots that are written in Python: found by their dotted name, or by lying in a package."""

import importlib
import pkgutil
from collections.abc import Iterator

import fastapi_poe as fp

from utils.errors import ConfigError
from utils.problems import Problem, did_you_mean


def import_bot_class(dotted_name: str) -> type[fp.PoeBot]:
    """The class of that name. Raises `ConfigError` when there is none, or when it is no bot."""
    module_name, _, class_name = dotted_name.rpartition(".")
    if not module_name:
        raise ConfigError(f"`{dotted_name}` is no dotted name such as bots.llm_chat_bot.LLMChatBot.")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as exc:  # the module is somebody else's code
        raise ConfigError(f"`{module_name}` cannot be imported: {type(exc).__name__}: {exc}.") from exc
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
    for module_name in _modules_of(package):
        try:
            bots += [_made(cls) for cls in _bot_classes_of(module_name)]
        except (Exception, SystemExit) as exc:  # one bot's trouble is never another's
            reason = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
            problems.append(Problem(f"its bots cannot be served: {reason}.", f"{module_name.replace('.', '/')}.py"))
    return bots, problems


def _modules_of(package: str) -> list[str]:
    try:
        folder = importlib.import_module(package).__path__
    except (ModuleNotFoundError, AttributeError):
        return []
    names = (module.name for module in pkgutil.iter_modules(folder, f"{package}."))
    return sorted(name for name in names if not name.rpartition(".")[2].startswith("_"))


def _bot_classes_of(module_name: str) -> Iterator[type[fp.PoeBot]]:
    for value in vars(importlib.import_module(module_name)).values():
        is_bot_of_module = isinstance(value, type) and issubclass(value, fp.PoeBot) and value.__module__ == module_name
        if is_bot_of_module and isinstance(value.__dict__.get("bot_name"), str):
            yield value


def _made(cls: type[fp.PoeBot]) -> fp.PoeBot:
    """A bot of the class. The dataclass of fastapi_poe overlooks what a subclass sets, so it is set again."""
    bot = cls()
    bot.bot_name = bot.bot_name or cls.__dict__["bot_name"]
    own_path = cls.__dict__.get("path")
    if bot.path == "/":
        bot.path = own_path if isinstance(own_path, str) else f"/{bot.bot_name}"
    return bot
