"""What the server itself says to a person in the chat, in their language. A language is one file of this folder."""

from collections.abc import Mapping

from . import de, en, es, fr, ja, pt, zh
from .text import Text

__all__ = ["LANGUAGES", "Text", "say"]

LANGUAGES: Mapping[str, Mapping[Text, str]] = {
    "de": de.WORDS,
    "en": en.WORDS,
    "es": es.WORDS,
    "fr": fr.WORDS,
    "ja": ja.WORDS,
    "pt": pt.WORDS,
    "zh": zh.WORDS,
}


def say(text: Text, language: str = "en", /, **values: object) -> str:
    """The words in this language (a BCP 47 tag, such as `pt-BR`), or in English where we do not speak it."""
    spoken = language.replace("_", "-").partition("-")[0].lower()
    return LANGUAGES.get(spoken, en.WORDS)[text].format_map(values)
