"""What the demo says: a few lines of talk that remember the conversation. Pure words, no time and no wire."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utils.chat import ChatMessage

from .directives import DIRECTIVES, call_words

_QUOTED_CHARACTERS = 60


@dataclass(frozen=True)
class Talk:
    """The conversation so far, what was said last (without orders), and the names of the tools at hand."""

    messages: Sequence[ChatMessage]
    said: str
    tools: Sequence[str] = ()

    @property
    def user_turns(self) -> list[ChatMessage]:
        """What the person said, the last one included."""
        return [message for message in self.messages if message.role == "user"]


def reply(talk: Talk) -> str:
    """A short and friendly answer, the same one for the same conversation."""
    if talk.messages and talk.messages[-1].role == "tool":
        return _tool_results(talk)
    answer = next((says(talk) for asked, says in _TOPICS if asked.search(talk.said)), None)
    return "\n\n".join(filter(None, [_sights(talk), answer or _small_talk(talk)]))


def requested_calls(talk: Talk) -> tuple[tuple[str, str], ...]:
    """The call that a person asks for in words, `call add {"a": 1}`, if there is such a tool."""
    asked = _CALL.match(talk.said)
    taken = call_words(talk.said, asked.end()) if asked else None
    if taken is None or taken[0][0] not in talk.tools:
        return ()
    (name, arguments), _ = taken
    return ((name, arguments),)


def tool_names(tools: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names in a list of tools as OpenAI writes it; what is written otherwise is left out."""
    functions = (tool.get("function") for tool in tools)
    names = (function.get("name") for function in functions if isinstance(function, Mapping))
    return tuple(name for name in names if isinstance(name, str))


def _tool_results(talk: Talk) -> str:
    names = {call.id: call.name for message in talk.messages for call in message.tool_calls}
    results: list[str] = []
    for message in reversed(talk.messages):
        if message.role != "tool":
            break
        results.insert(0, f"`{names.get(message.tool_call_id or '', 'The tool')}` answered: {message.text}")
    return "\n".join(results)


def _sights(talk: Talk) -> str:
    last = talk.user_turns[-1:]
    pictures = sum(len(message.images) for message in last)
    files = [name for message in last for name in _ATTACHMENT.findall(message.text)]
    seen = [_number_of(pictures, "picture")] * bool(pictures) + [f"the file {name}" for name in files]
    return f"With your message came {' and '.join(seen)}. I know that much, but I cannot look inside." if seen else ""


def _introduction(_: Talk) -> str:
    orders = "\n".join(f"| `{directive.form}` | {directive.meaning} |" for directive in DIRECTIVES)
    return (
        "I am the **demo bot**: a few lines of Python and no language model, so I need no key. "
        "If you can read this, your server works.\n\n"
        "To talk to a real model:\n\n"
        "1. Put the API key of a provider into the environment, for example `OPENAI_API_KEY=…` in `.env`.\n"
        "2. In `config/bots.yaml`, give a bot the line `provider: openai`.\n"
        "3. Start the server again and say hello to that bot.\n\n"
        "Until then we can chat a little. Tell me your name, ask what you said, or ask for a table, some code or "
        "markdown.\n\n"
        "You can also give me orders, to see how the server behaves. Write them at the beginning of a line; "
        "`!` does the same as `/`, and `demo-wait-300-tokens-50` as the name of the model does too.\n\n"
        f"| order | what happens |\n| --- | --- |\n{orders}"
    )


def _recalled_name(talk: Talk) -> str:
    told = (name for turn in reversed(talk.user_turns) for name in reversed(_NAME.findall(turn.text)))
    name = next(told, None)
    return f"Your name is {name}." if name else "You have not told me your name yet."


def _acquaintance(talk: Talk) -> str:
    name = _NAME.findall(talk.said)[-1]
    return f"Pleased to meet you, {name}! I will remember your name as long as this conversation lasts."


def _recalled_turns(talk: Talk) -> str:
    earlier = [f"{number}. {_quoted(turn.text)}" for number, turn in enumerate(talk.user_turns[:-1], 1)]
    return "You said:\n\n" + "\n".join(earlier) if earlier else "This is the first thing that you say to me."


def _system_message(talk: Talk) -> str:
    texts = [message.text for message in talk.messages if message.role == "system"]
    return f"My system message says: {' '.join(texts)}" if texts else "I was given no system message."


def _table(_: Talk) -> str:
    return "Here is a table:\n\n| planet | moons |\n| --- | ---: |\n| Earth | 1 |\n| Mars | 2 |\n| Neptune | 16 |"


def _code(_: Talk) -> str:
    return 'Here is some code:\n\n```python\ndef greet(name: str) -> str:\n    return f"Hello, {name}!"\n```'


def _markdown(_: Talk) -> str:
    return (
        "# A heading\n\nSome **bold**, some *slanted* and some `fixed` words, and [a link](https://poe.com).\n\n"
        "- first\n- second\n\n> Somebody said this.\n\n$e^{i\\pi} + 1 = 0$"
    )


def _unknown_tool(talk: Talk) -> str:
    offered = ", ".join(f"`{name}`" for name in talk.tools) or "none"
    return f"I have no such tool. Those that I was given: {offered}."


def _greeting(_: Talk) -> str:
    return "Hello! I am the demo bot. How are you today? Say `help` to see what I can do."


def _welcome(_: Talk) -> str:
    return "You are welcome!"


def _farewell(_: Talk) -> str:
    return "Goodbye! It was nice to talk to you."


def _small_talk(talk: Talk) -> str:
    count = _number_of(sum(message.role != "system" for message in talk.messages), "message")
    if not talk.said:
        return f"At your service. Here are a few words, so that there is something to see. We are at {count} now."
    return (
        f"You wrote “{_quoted(talk.said)}”, and I like how you put it. I am only the demo, so I cannot say much "
        f"about it; `help` shows what I can do. Our conversation has {count} so far."
    )


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED_CHARACTERS else line[:_QUOTED_CHARACTERS].rstrip() + "…"


def _number_of(count: int, noun: str) -> str:
    return f"{count} {noun}" + "s" * (count != 1)


_NAME = re.compile(r"(?i:my name is|i am called|call me)\s+([^\W\d_][\w'’-]*(?: [A-Z][\w'’-]*)*)")
_CALL = re.compile(r"(?:please )?call(?: the)?(?: tool| function)?(?= )", re.IGNORECASE)
_ATTACHMENT = re.compile(r"(?im)^(?:below is the content of|attachment:|file:)[ \t]*(\S[^\n]{0,200}?):?[ \t]*$")

_TOPICS: tuple[tuple[re.Pattern[str], Callable[[Talk], str]], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), says)
    for asked, says in (
        (r"^\W*help\b|\b(?:what|who) are you\b|\bwhat can you do\b", _introduction),
        (r"\bwhat(?:['’]s| is| was) my name\b|\bwho am i\b", _recalled_name),
        (_NAME.pattern, _acquaintance),
        (r"\bwhat (?:did|have) i (?:say|said|write|written|ask|asked)\b", _recalled_turns),
        (r"\bsystem (?:message|prompt)\b", _system_message),
        (r"\btable\b", _table),
        (r"\bmarkdown\b", _markdown),
        (r"\bcode\b", _code),
        (r"^\W*(?:please )?call \S+", _unknown_tool),
        (r"^\W*(?:hi|hello|hey|good (?:morning|day|evening))\b", _greeting),
        (r"\bthank(?:s| you)\b", _welcome),
        (r"\b(?:good ?bye|bye)\b", _farewell),
    )
)
