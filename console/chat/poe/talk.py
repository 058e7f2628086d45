"""The conversation of this session with a bot through the Poe door, which is kept on no server."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from ...server import Server
from ..exchange import Exchange
from ..spoken import Spoken


@dataclass
class PoeTalk(Spoken):
    """What was said, as Poe would send it along with every question."""

    bot: str = ""
    id: str = field(default_factory=lambda: f"c-{secrets.token_hex(8)}")

    def take(self, name: str, data: dict[str, Any]) -> None:
        """One event of Poe's protocol."""
        answer = self.exchanges[-1].answer
        words = str(data.get("text") or "")
        if name == "text":
            answer.text += words
        elif name == "replace_response":
            answer.text = words
        elif name == "suggested_reply":
            answer.suggestions.append(words)
        elif name == "file":
            answer.text += f"\n\n[{data.get('name') or 'a file'}]({data.get('url')})"
        elif name == "error":
            answer.problem = words or "The bot reported an error without a text."
        elif name == "done":
            self._note_end()
        self._note_first_word()


def talk_with(bot: str) -> PoeTalk:
    """The conversation with this bot."""
    talks: dict[str, PoeTalk] = st.session_state.setdefault("chat_poe_talks", {})
    return talks.setdefault(bot, PoeTalk(bot=bot))


def begin_anew() -> None:
    """Leave what was said to the bots for empty conversations."""
    for talk in st.session_state.pop("chat_poe_talks", {}).values():
        talk.stop()


def ask(server: Server, talk: PoeTalk, path: str, access_key: str | None, exchange: Exchange) -> None:
    """Put the question as Poe does: with everything that was said before."""
    talk.stop()
    talk.exchanges.append(exchange)
    body = {
        "version": "1.2",
        "type": "query",
        "query": [turn for each in talk.exchanges for turn in _turns(each)],
        "user_id": "u-console",
        "conversation_id": talk.id,
        "message_id": f"m-{secrets.token_hex(8)}",
    }
    talk.begin(server.stream_as_poe(path, body, access_key))


def _turns(exchange: Exchange) -> list[dict[str, Any]]:
    question = {
        **_turn("user", exchange.question),
        "attachments": [_attachment(name, text) for name, text in exchange.files],
        "parameters": exchange.parameters,
    }
    return [question, *([_turn("bot", exchange.answer.text)] if exchange.answer.text else [])]


def _turn(role: str, words: str) -> dict[str, Any]:
    return {
        "role": role,
        "content": words,
        "content_type": "text/markdown",
        "timestamp": int(time.time() * 1_000_000),
        "message_id": f"m-{secrets.token_hex(8)}",
        "feedback": [],
    }


def _attachment(name: str, text: str) -> dict[str, Any]:
    """A file as Poe sends it when it has read the words of it."""
    return {"url": f"https://files.invalid/{name}", "content_type": "text/plain", "name": name, "parsed_content": text}
