"""Words of others, as a browser may show them: names as they are, answers as markdown that fetches nothing.

Streamlit drops HTML by itself. What it leaves is a picture, which a browser fetches from wherever the answer says, with
whatever the answer has put into its address; a link of an odd kind; and the dollar, which begins a formula.
"""

import re
from typing import NamedTuple

_JOINER = "\u2060"
"""Seen by nobody, and no markdown any more with it in between."""

_WORD_OF_A_CLASS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z\d]+")
_NAME = re.compile(r"`[\w.:/{}$=<>, ?#%&@+\\-]+`")
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:&=^@/\"'])")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)$")
_FOREIGN_SCHEME = re.compile(r"\](?=[(:]\s*<?\s*(?!https?:|mailto:|#|/|\s|<)[^\s)]*[:&])", re.IGNORECASE)
_TAG = r"(?<!\\)<(?!https?:|mailto:)"
_DOLLAR = r"(?<!\\)\$"
_STROKE = r"(?<!\S)~(?=[^\s~])"  # `~5 and ~6` would be struck out
_SPECIAL = re.compile(f"{_TAG}|{_DOLLAR}|{_STROKE}", re.IGNORECASE)
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LATEX = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\\$\w])\$(?=[^\s$])(?:[^$\n\\]|\\.)*?(?<=[^\s\\])\$(?![\d$])", re.DOTALL)
_AN_AMOUNT = re.compile(r"\$\d[\d.,]*(?:\s|[kKmMbB]\b|[-–/)])")


class Piece(NamedTuple):
    """A part of an answer: markdown, or a block of code with its language."""

    text: str
    is_code: bool = False
    language: str = ""


def plain(words: str) -> str:
    """The words exactly as they are, where markdown is expected. For names, titles and what servers say."""
    return _escape(" ".join(words.split()))


def in_words(name: str) -> str:
    """The name of a class as words: `RateLimited` is rate limited. What is none stays as it is."""
    return " ".join(_WORD_OF_A_CLASS.findall(name)).lower() if name.isidentifier() else name


def with_names(sentence: str) -> str:
    """The sentence as it is, but for names in backticks, which stay code where there is nothing else in them."""
    parts = re.split(r"(`[^`]+`)", " ".join(sentence.split()))
    return "".join(part if _NAME.fullmatch(part) else _escape(part) for part in parts)


def pieces_of(answer: str) -> list[Piece]:
    """The answer in parts that can be shown as they are: `st.markdown` for the one sort, `st.code` for the other."""
    pieces: list[Piece] = []
    lines: list[str] = []
    fence, language = "", ""
    for line in answer.split("\n"):
        found = _FENCE.match(line)
        if not fence and found:
            _add_markdown(pieces, lines)
            lines, fence, language = [], found[1], found[2].strip()
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            pieces.append(Piece("\n".join(lines), True, _language(language)))
            lines, fence = [], ""
        else:
            lines.append(line)
    if fence:
        pieces.append(Piece("\n".join(lines), True, _language(language)))
    else:
        _add_markdown(pieces, lines)
    return pieces


def safe(markdown: str) -> str:
    """Markdown in which no picture is fetched, no link leads to a program, and a price is no formula."""
    # Outside of code and inside of it alike: whoever tells the two apart otherwise than the browser does is deceived.
    markdown = markdown.replace("![", f"!{_JOINER}[")
    markdown = _FOREIGN_SCHEME.sub(f"]{_JOINER}", markdown)
    return "".join(part if is_code else _with_formulas(part) for part, is_code in _spans(markdown))


def _escape(words: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", words)


def _add_markdown(pieces: list[Piece], lines: list[str]) -> None:
    if text := "\n".join(lines).strip("\n"):
        pieces.append(Piece(safe(text)))


def _language(said: str) -> str:
    found = re.match(r"[\w+#.-]+", said)
    return found[0].lower() if found else ""


def _spans(markdown: str) -> list[tuple[str, bool]]:
    """What stands in backticks, and what does not."""
    parts: list[tuple[str, bool]] = []
    end = 0
    for span in _CODE_SPAN.finditer(markdown):
        parts += [(markdown[end : span.start()], False), (span[0], True)]
        end = span.end()
    return [*parts, (markdown[end:], False)]


def _with_formulas(words: str) -> str:
    """Formulas stay, also those that models write in the way of LaTeX; every other dollar is a dollar."""
    words = _LATEX.sub(lambda found: f"${found[1].strip()}$" if found[1] else f"$${found[2]}$$", words)
    parts: list[str] = []
    end = 0
    for formula in _FORMULA.finditer(words):
        if _AN_AMOUNT.match(formula[0]):
            continue
        parts += [_escaped(words[end : formula.start()]), formula[0]]
        end = formula.end()
    return "".join([*parts, _escaped(words[end:])])


def _escaped(words: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", words)
