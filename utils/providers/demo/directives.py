"""What a message, or the name of the model, orders the demo to do.

    /wait 300 /tokens 50       in a message: at the beginning of a line, one after the other
    !wait 300 !tokens 50       the same, for clients that keep lines with a slash to themselves
    demo-wait-300-tokens-50    the same, as the name of the model

The message wins over the model. `/echo` takes everything that follows. What is no order is conversation, and an
order that makes no sense is not an error but something to talk about: it becomes the `complaint`.
`DIRECTIVES` holds them all, with the words that explain them.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

_MOST_CALLS = 16

WAITS: Mapping[str, float | None] = {
    "seconds": 1,
    "float": 0.2,
    "ms": 0.2,
    "date": 1,
    "body": 0.2,
    "words": 0.2,
    "zero": 0,
    "negative": None,
    "absurd": None,
    "nothing": None,
}
"""The ways to say with a 429 when to come back, and the seconds that are meant; None where it makes no sense."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with an answer, and after how many tokens or bytes."""

    name: str = ""
    after: int | None = None
    status: int = 0
    retry_after: float | None = None
    after_bytes: int = 0
    """For trouble that comes in the middle of bytes; the answer is whole as far as it is sent."""
    wait: str = ""
    """In which of the `WAITS` it says when to come back; empty for plain seconds."""
    mebibytes: int = 0


NO_TROUBLE = Trouble()


@dataclass(frozen=True)
class Orders:
    """How the answer shall be. Whatever is not set is as usual."""

    echo: str | None = None
    tokens: int | None = None
    thoughts: int = 0
    calls: tuple[tuple[str, str], ...] = ()
    """Functions to call: name and arguments, the latter as JSON text."""
    mebibytes: int = 0
    finish_reason: str | None = None
    first_token_ms: int | None = None
    token_ms: int | None = None
    trouble: Trouble = NO_TROUBLE
    quirks: frozenset[str] = frozenset()
    """Peculiar forms of the stream on the wire."""
    complaint: str = ""


Words = Sequence[str]
Take = Callable[[str, int], tuple[Words, int] | None]
"""Reads the words that belong to a directive, and says where they end. None means that they make no sense."""


@dataclass(frozen=True)
class Directive:
    """One order: its name, an example of the words after it, what it does, and how."""

    name: str
    example: str
    meaning: str
    take: Take
    apply: Callable[[Orders, Words], Orders]

    @property
    def form(self) -> str:
        """How it is written."""
        return f"/{self.name} {self.example}".strip()


def orders_in_model(model: str) -> Orders:
    """What the name of the model orders; nothing, unless it begins with `demo-`."""
    orders = Orders()
    if model.startswith("demo-"):
        for name, words in _IN_A_MODEL.findall(model):
            _, orders = orders_in_message(f"/{name}{words.replace('-', ' ')}", orders)
    return orders


def orders_in_message(text: str, orders: Orders) -> tuple[str, Orders]:
    """What the message says beside its orders, and these orders on top of the given ones."""
    spoken: list[str] = []
    at = 0
    while at < len(text):
        beginning = _BEGINNING.match(text, at)
        directive = _BY_NAME.get(beginning[1].lower()) if beginning else None
        if beginning and directive:
            taken = directive.take(text, beginning.end())
            if taken is None:
                return "", Orders(complaint=_explanation(directive))
            words, at = taken
            orders = directive.apply(orders, words)
        elif beginning and at == 0:
            return "", Orders(complaint=f"I do not know the order `/{beginning[1]}`. Say `help` for those that I know.")
        else:
            end_of_line = text.find("\n", at) + 1 or len(text)
            spoken.append(text[at:end_of_line])
            at = end_of_line
    return "".join(spoken).strip(), orders


def _explanation(directive: Directive) -> str:
    return f"I did not understand that. Write `{directive.form}`: {directive.meaning}."


def _pattern(pattern: str) -> Take:
    compiled = re.compile(pattern, re.DOTALL)

    def take(text: str, at: int) -> tuple[Words, int] | None:
        found = compiled.match(text, at)
        return (found.groups(default=""), found.end()) if found else None

    return take


_NOTHING = _pattern(r"(?!\S)")
_COUNT = _pattern(r"[ \t]+(100000|[0-9]{1,5})(?!\S)")
_MILLISECONDS = _pattern(r"[ \t]+([0-9]{1,6})(?!\S)")
_STATUS = _pattern(r"[ \t]+([45][0-9][0-9])(?:[ \t]+([0-9]{1,4}))?(?!\S)")
_MEBIBYTES = _pattern(r"[ \t]+([0-9]{1,4})(?!\S)")
_WAIT = _pattern(rf"[ \t]+({'|'.join(WAITS)})(?!\S)")
_WORD = _pattern(r"[ \t]+([a-z_]{1,40})(?!\S)")
_EVERYTHING = _pattern(r"\s(.+)\Z")
_FUNCTION = re.compile(r"[ \t]+([A-Za-z0-9_.-]{1,64})(?!\S)(?:[ \t]+with(?!\S))?[ \t]*")


def call_words(text: str, at: int) -> tuple[Words, int] | None:
    """The name of a function and its arguments, which are `{}` if none are written and must be JSON if they are."""
    function = _FUNCTION.match(text, at)
    if not function:
        return None
    begin = function.end()
    if not text.startswith("{", begin):
        return (function[1], "{}"), begin
    try:
        _, end = json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None
    return (function[1], text[begin:end]), end


def _in_trouble(name: str) -> Callable[[Orders, Words], Orders]:
    def apply(orders: Orders, words: Words) -> Orders:
        return replace(orders, trouble=Trouble(name, after=int(words[0]) if words else 0))

    return apply


def _failing(orders: Orders, words: Words) -> Orders:
    status = int(words[0])
    retry_after = int(words[1]) if words[1] else (1 if status == 429 else None)
    return replace(orders, trouble=Trouble("fail", 0, status, retry_after))


def _after_bytes(name: str) -> Callable[[Orders, Words], Orders]:
    return lambda orders, words: replace(orders, trouble=Trouble(name, after_bytes=int(words[0])))


def _too_busy(orders: Orders, words: Words) -> Orders:
    return replace(orders, trouble=Trouble("busy", 0, 429, WAITS[words[0]], wait=words[0]))


def _with_bomb(orders: Orders, words: Words) -> Orders:
    return replace(orders, trouble=Trouble("bomb", 0, mebibytes=int(words[0])))


def _with_quirk(name: str) -> Callable[[Orders, Words], Orders]:
    return lambda orders, _: replace(orders, quirks=orders.quirks | {name})


DIRECTIVES: tuple[Directive, ...] = (
    Directive(
        "echo",
        "some text",
        "I say exactly this, to the last character",
        _EVERYTHING,
        lambda orders, words: replace(orders, echo=words[0]),
    ),
    Directive(
        "tokens",
        "300",
        "an answer of exactly so many tokens, 100000 at most",
        _COUNT,
        lambda orders, words: replace(orders, tokens=int(words[0])),
    ),
    Directive(
        "think",
        "20",
        "so many tokens of reasoning before the answer",
        _COUNT,
        lambda orders, words: replace(orders, thoughts=int(words[0])),
    ),
    Directive(
        "call",
        'add {"a": 1}',
        "I call this function, with these arguments (JSON); 16 calls at most",
        call_words,
        lambda orders, words: replace(orders, calls=(*orders.calls, (words[0], words[1]))[:_MOST_CALLS]),
    ),
    Directive(
        "finish",
        "length",
        "the answer ends with this `finish_reason`",
        _WORD,
        lambda orders, words: replace(orders, finish_reason=words[0]),
    ),
    Directive(
        "wait",
        "3000",
        "milliseconds before the first token, 999999 at most",
        _MILLISECONDS,
        lambda orders, words: replace(orders, first_token_ms=int(words[0])),
    ),
    Directive(
        "slow",
        "200",
        "milliseconds between two tokens, 999999 at most",
        _MILLISECONDS,
        lambda orders, words: replace(orders, token_ms=int(words[0])),
    ),
    Directive(
        "fail",
        "503",
        "the HTTP error with this status, 400 to 599; a number after it is `retry-after` in seconds",
        _STATUS,
        _failing,
    ),
    Directive(
        "busy",
        "seconds",
        f"a 429 that says in this way when to come back: {', '.join(WAITS)}",
        _WAIT,
        _too_busy,
    ),
    Directive("hang", "", "the answer begins, and nothing comes", _NOTHING, _in_trouble("hang")),
    Directive("no-headers", "", "nothing comes at all", _NOTHING, _in_trouble("no-headers")),
    Directive("no-body", "", "headers come, and then nothing", _NOTHING, _in_trouble("no-body")),
    Directive("slam", "", "the connection is reset before a byte has come", _NOTHING, _in_trouble("slam")),
    Directive("reset-after", "37", "the connection is reset after so many bytes", _COUNT, _after_bytes("reset-after")),
    Directive("end-after", "37", "the body ends after so many bytes", _COUNT, _after_bytes("end-after")),
    Directive("stall-after", "37", "nothing comes after so many bytes", _COUNT, _after_bytes("stall-after")),
    Directive("half-line", "5", "the body ends in the line after so many tokens", _COUNT, _in_trouble("half-line")),
    Directive(
        "half-character",
        "5",
        "the body ends in a character of several bytes after so many tokens",
        _COUNT,
        _in_trouble("half-character"),
    ),
    Directive("break", "5", "the connection breaks after so many tokens", _COUNT, _in_trouble("break")),
    Directive("nodone", "5", "the answer just stops after so many tokens", _COUNT, _in_trouble("nodone")),
    Directive("error-inside", "5", "an error message comes after so many tokens", _COUNT, _in_trouble("error-inside")),
    Directive("html", "", "a web page comes instead of an answer", _NOTHING, _in_trouble("html")),
    Directive("empty", "", "an answer without a word", _NOTHING, _in_trouble("empty")),
    Directive("empty-body", "", "a success without a byte in it", _NOTHING, _in_trouble("empty-body")),
    Directive("comments", "", "nothing but signs of life, for ever", _NOTHING, _in_trouble("comments")),
    Directive("roles", "", "nothing but the beginning of an answer, for ever", _NOTHING, _in_trouble("roles")),
    Directive("comment-flood", "", "comments as fast as they go, for ever", _NOTHING, _in_trouble("comment-flood")),
    Directive("endless-line", "", "a line without an end, as fast as it goes", _NOTHING, _in_trouble("endless-line")),
    Directive("error-flood", "", "a status of 500 with a body without an end", _NOTHING, _in_trouble("error-flood")),
    Directive(
        "bomb", "1024", "so many mebibytes of comments, packed to a five-hundredth with gzip", _MEBIBYTES, _with_bomb
    ),
    Directive(
        "flood",
        "8",
        "so many mebibytes of answer, as fast as they go",
        _MEBIBYTES,
        lambda orders, words: replace(orders, mebibytes=int(words[0])),
    ),
    Directive("drip", "", "over HTTP: sent three bytes at a time", _NOTHING, _with_quirk("drip")),
    Directive("trickle", "", "over HTTP: byte for byte, 50 a second", _NOTHING, _with_quirk("trickle")),
    Directive("mislabel", "", "over HTTP: sent as if it were a web page", _NOTHING, _with_quirk("mislabel")),
    Directive("garbage", "", "over HTTP: events that are no JSON between the tokens", _NOTHING, _with_quirk("garbage")),
    Directive("crlf", "", "over HTTP: lines end with CR and LF", _NOTHING, _with_quirk("crlf")),
    Directive("nulls", "", "over HTTP: nulls and gaps between the tokens", _NOTHING, _with_quirk("nulls")),
    Directive("list", "", "over HTTP: content as a list of parts", _NOTHING, _with_quirk("list")),
    Directive("json-body", "", "over HTTP: no stream, even if asked for one", _NOTHING, _with_quirk("json-body")),
)

_BY_NAME = {directive.name: directive for directive in DIRECTIVES}
_BEGINNING = re.compile(r"[ \t]*[/!]([a-z][a-z-]*)(?!\S)", re.IGNORECASE)
_ANY_NAME = "|".join(_BY_NAME)
_IN_A_MODEL = re.compile(rf"-({_ANY_NAME})(?=-|\Z)((?:-(?!(?:{_ANY_NAME})(?:-|\Z))[^-]+)*)")
