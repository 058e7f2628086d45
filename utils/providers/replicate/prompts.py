"""A conversation becomes the inputs `prompt` and its neighbours, by the template that a model was trained with."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from utils.chat import ChatMessage

from .families import Family
from .settings import TemplateName


class Turn(NamedTuple):
    """What one side said before the other one spoke."""

    is_assistant: bool
    text: str


def prompt_inputs(template: TemplateName, messages: Sequence[ChatMessage], family: Family) -> dict[str, Any]:
    """The inputs that hold the conversation."""
    system = "\n\n".join(message.text for message in messages if message.role == "system" and message.text)
    spoken = [message for message in messages if message.role != "system"]
    turns = [
        Turn(is_assistant, "\n\n".join(message.text for message in run if message.text))
        for is_assistant, run in groupby(spoken, key=lambda message: message.role == "assistant")
    ]
    return _TEMPLATES[template](system, turns, family)


def _plain(system: str, turns: Sequence[Turn], family: Family) -> dict[str, Any]:
    if len(turns) == 1 and not turns[0].is_assistant:
        prompt = turns[0].text
    else:
        speakers = ("User", "Assistant")
        prompt = "\n\n".join([*(f"{speakers[turn.is_assistant]}: {turn.text}" for turn in turns), "Assistant:"])
    if system and family.system is None:
        return {"prompt": f"{system}\n\n{prompt}"}
    return {"prompt": prompt, **({str(family.system): system} if system else {})}


def _messages(system: str, turns: Sequence[Turn], family: Family) -> dict[str, Any]:
    roles = ("user", "assistant")
    leading = [{"role": "system", "content": system}] if system else []
    return {"messages": [*leading, *({"role": roles[turn.is_assistant], "content": turn.text} for turn in turns)]}


def _llama3(system: str, turns: Sequence[Turn], family: Family) -> dict[str, Any]:
    said = [("system", system)] if system else []
    said += [("assistant" if turn.is_assistant else "user", turn.text) for turn in turns]
    parts = [f"<|start_header_id|>{role}<|end_header_id|>\n\n{text}<|eot_id|>" for role, text in said]
    return _as_it_stands(f"<|begin_of_text|>{''.join(parts)}<|start_header_id|>assistant<|end_header_id|>\n\n")


def _llama2(system: str, turns: Sequence[Turn], family: Family) -> dict[str, Any]:
    return _instructed(turns, f"<<SYS>>\n{system}\n<</SYS>>\n\n" if system else "")


def _mistral(system: str, turns: Sequence[Turn], family: Family) -> dict[str, Any]:
    return _instructed(turns, f"{system}\n\n" if system else "")


def _instructed(turns: Sequence[Turn], preface: str) -> dict[str, Any]:
    parts, awaited = [], preface
    for turn in turns:
        if turn.is_assistant:
            parts.append(f" {turn.text} </s>")
        else:
            parts.append(f"<s>[INST] {awaited}{turn.text} [/INST]")
            awaited = ""
    return _as_it_stands("".join(parts))


def _as_it_stands(prompt: str) -> dict[str, Any]:
    # The model would put the prompt into its own template, which knows of one question only.
    return {"prompt": prompt, "prompt_template": "{prompt}"}


_TEMPLATES: Mapping[TemplateName, Callable[[str, Sequence[Turn], Family], dict[str, Any]]] = {
    "plain": _plain,
    "messages": _messages,
    "llama3": _llama3,
    "llama2": _llama2,
    "mistral": _mistral,
}
