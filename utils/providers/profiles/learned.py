"""What a provider teaches by refusing: a parameter that it names is left out, or sent under the name that it wants."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar

import structlog

from utils.errors import RequestRejected
from utils.registry import ModelProfile

_log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

Remedy = Mapping[str, str | None]
"""Parameters by the name to send them under; None leaves them out."""

_THE_QUESTION_ITSELF = frozenset(("model", "messages", "stream", "tools"))
"""Without these it would be another question."""
_STATUSES = (400, 422)
_PARAM = re.compile(r'"param": "(\w+)')
_PLACE = re.compile(r"""\bloc\W+(?:body\W+)?(\w+)|Unknown name \W*(\w+)[\\"']*(?: at \W*(\w+))?""")
"""Where a validator says exactly which field it means: pydantic as a path, Google with what the field is in."""
_IN_THE_QUESTION = re.compile(r"\b(?:messages|tools)\b(?:\W{1,5})[0-9]")
_ONE_OF_TWO = re.compile(r"\b(?:both|only one of|mutually exclusive|at the same time|used together)\b", re.IGNORECASE)
_INSTEAD = re.compile(r"\buse\W+(\w+)\W+instead", re.IGNORECASE)
_BESIDE_A_WORD = (
    r"""['"`]{0}['"`\\.]|(?:parameters?|arguments?|fields?|property|name|model|invalid|unsupported)\W+{0}\b"""
    r"|: {0}(?=[\"'.,}\\]|$)|\b{0}(?: (?:is|are|was|must|should|cannot|not|parameter|field)\b|:)"
)
"""How a name that is also an ordinary word, such as `stop`, has to stand to be meant as a parameter."""


class Learned:
    """Remembers the remedies of one provider, by model, as long as the provider is served."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._remedies: dict[str | None, Remedy] = {}

    def of(self, model: str | None) -> Remedy:
        """What has been learned for this model."""
        return self._remedies.get(model, {})

    async def accepted(
        self,
        send: Callable[[Mapping[str, Any]], Awaitable[Answer]],
        body: Mapping[str, Any],
        model: str | None,
        profile: ModelProfile,
    ) -> Answer:
        """What comes of the body; sent once more, changed, where one of its parameters was refused."""
        body = remedied(body, self.of(model))
        try:
            return await send(body)
        except RequestRejected as refusal:
            remedy = remedy_for(refusal, body)
            if remedy is None:
                raise
        try:
            answer = await send(remedied(body, remedy))
        except RequestRejected as second:
            # Another complaint shows that the first was heard: the next question begins where this one ends.
            if remedy_for(second, body) != remedy:
                self.keep(model, remedy, profile)
            raise
        self.keep(model, remedy, profile)
        return answer

    def keep(self, model: str | None, remedy: Remedy, profile: ModelProfile) -> None:
        """Apply the remedy from now on, and say once how to make it permanent."""
        known = self.of(model)
        if known.items() >= remedy.items():
            return
        # What was renamed before may now be refused under its new name.
        renamed = {name: remedy.get(wanted, wanted) if wanted else None for name, wanted in known.items()}
        self._remedies[model] = {**renamed, **remedy}
        _log.warning(
            "provider.parameter_refused",
            provider=self._provider,
            model=model,
            parameters=sorted(remedy),
            for_providers_yaml=_line(model, self._remedies[model], profile),
        )


def remedy_for(refusal: RequestRejected, body: Mapping[str, Any]) -> Remedy | None:
    """What to change so that the provider may accept the request; None when it names nothing that can be changed."""
    if refusal.status not in _STATUSES:
        return None
    text = str(refusal)
    named = _named(text, [name for name in body if name not in _THE_QUESTION_ITSELF])
    if not named:
        return None
    wanted = _INSTEAD.search(text)
    if wanted and len(named) == 1 and wanted[1] not in body and _mean_the_same(named[0], wanted[1]):
        return {named[0]: wanted[1]}
    return dict.fromkeys(named)


def remedied(body: Mapping[str, Any], remedy: Remedy) -> dict[str, Any]:
    """The body with the remedy applied."""
    names = ((remedy.get(name, name), value) for name, value in body.items())
    return {name: value for name, value in names if name is not None}


def _named(text: str, sent: list[str]) -> list[str]:
    """The parameters that the refusal is about. Of two that exclude each other only one has to go."""
    if places := _PLACE.findall(text):
        tops = {of_pydantic or around or name for of_pydantic, name, around in places}
        return [name for name in sent if name in tops]
    param = _PARAM.search(text)
    if param and param[1] in sent:
        return [param[1]]
    if _IN_THE_QUESTION.search(text) or (param and param[1] in _THE_QUESTION_ITSELF):
        return []
    named = [name for name in sent if any(_is_named(form, text) for form in _forms(name))]
    return named[-1:] if _ONE_OF_TWO.search(text) else named


def _mean_the_same(name: str, other: str) -> bool:
    """So it is with max_tokens and max_completion_tokens, seed and random_seed: the last word says what it is."""
    return name.rpartition("_")[2] == other.rpartition("_")[2]


def _forms(name: str) -> Iterator[str]:
    yield name
    if "_" in name:
        first, *others = name.split("_")
        yield first + "".join(map(str.capitalize, others))  # xAI and Google answer in camel case


def _is_named(name: str, text: str) -> bool:
    is_unmistakable = "_" in name or not name.islower() or name == "temperature"
    pattern = r"(?<!\w){0}(?!\w)" if is_unmistakable else _BESIDE_A_WORD
    return re.search(pattern.replace("{0}", re.escape(name)), text) is not None


def _line(model: str | None, remedy: Remedy, profile: ModelProfile) -> str:
    """The line for the provider's entry that does the same from the start."""
    dropped = [name for name, wanted in remedy.items() if wanted is None]
    renamed = {name: wanted for name, wanted in remedy.items() if wanted is not None}
    fields: dict[str, Any] = {}
    if dropped:
        fields["drop_params"] = [*profile.drop_params, *dropped]
    if renamed:
        fields["rename_params"] = {**profile.rename_params, **renamed}
    return f"profile_overrides: {json.dumps({'models': {model: fields}} if model else fields)}"
