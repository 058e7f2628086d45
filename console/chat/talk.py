"""The conversation of this session through /chat: what was said, the answer on its way, and where it is kept."""

import base64
import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ..server import Server, Trouble
from .choosing import Choice, choose_again
from .exchange import Details, Exchange, details_of, exchanges_of
from .spoken import Spoken

_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}
_LOOKS, _LOOK_SECONDS = 8, 0.1


@dataclass
class Talk(Spoken):
    """One conversation. `id` is None until the server has kept something of it, and where it keeps nothing."""

    id: str | None = None
    title: str = ""
    is_kept: bool = True
    was_with: str = ""
    """Who has answered so far, where it is not there any more."""
    _is_cut: bool = False

    def take(self, name: str, data: dict[str, Any]) -> None:
        """One event of /chat."""
        answer = self.exchanges[-1].answer
        if data.get("replace"):
            answer.text, answer.reasoning, answer.images = "", "", []
        answer.reasoning += data.get("reasoning") or ""
        answer.text += data.get("text") or ""
        if image := data.get("image"):
            answer.images.append(image)
        if id := data.get("conversation_id"):
            self._is_at(id)
        if isinstance(error := data.get("error"), dict):
            answer.problem = error.get("message") or "The answer broke off."
            self._take_attempts(data)
        if isinstance(done := data.get("done"), dict):
            answer.text = done.get("text") or answer.text
            answer.details = details_of(done)
            self._is_at(done.get("conversation_id"))
        self._note_first_word()

    def fail(self, trouble: Trouble) -> None:
        """The answer does not come; who was asked in vain may be known."""
        super().fail(trouble)
        if isinstance(trouble.body, dict):
            self._take_attempts(trouble.body)

    def stop(self) -> None:
        """Hang up, where an answer is on its way: the server then stops the model, and keeps what was said."""
        self._is_cut = self.live is not None
        super().stop()

    def catch_up(self, server: Server) -> None:
        """Take what the server knows of an answer that was stopped just now. That is kept a moment later."""
        answer = self.exchanges[-1].answer if self.exchanges else None
        if not self._is_cut or self.id is None or answer is None or not (answer.was_stopped and answer.text):
            return
        self._is_cut = False
        for _ in range(_LOOKS):
            last = _last_kept(server, self.id)
            if last.get("finish_reason") == "cut" and str(last.get("text")).startswith(answer.text):
                answer.details = details_of(last)
                return
            time.sleep(_LOOK_SECONDS)

    def _take_attempts(self, failure: dict[str, Any]) -> None:
        """What is told beside an error. Without any attempt that is nothing."""
        if failure.get("attempts"):
            self.exchanges[-1].answer.details = details_of(failure)

    def _is_at(self, id: str | None) -> None:
        self.id, self.is_kept = id, id is not None
        self.title = self.title or self.exchanges[-1].question


def talk_of_session() -> Talk:
    """The one that the person is in."""
    talk: Talk = st.session_state.setdefault("chat_talk", Talk())
    return talk


def begin_new() -> None:
    """Leave the conversation for an empty one."""
    _leave()
    st.session_state["chat_talk"] = Talk()


def opened(server: Server, id: str) -> None:
    """Go on with one that the server has kept, and with who has answered in it last."""
    _leave()
    said = server.read(f"/chat/conversations/{id}")
    exchanges = exchanges_of(said.get("messages") or ())
    last = exchanges[-1].answer.details if exchanges else None
    asked = str(said.get("asked") or "")
    is_there = choose_again(server, asked, (last and last.model) or "")
    was_with = "" if is_there else asked
    st.session_state["chat_talk"] = Talk(exchanges, id=id, title=said.get("title") or "", was_with=was_with)


def ask(server: Server, talk: Talk, choice: Choice, question: str, pictures: tuple[bytes, ...] = ()) -> None:
    """Put the question, and let the answer begin."""
    talk.stop()
    talk.was_with = ""
    talk.exchanges.append(Exchange(question, pictures=pictures))
    images = [_data_address(picture) for picture in pictures]
    body = {"message": question, **({"images": images} if images else {}), **_asked(choice, talk.id)}
    talk.begin(server.stream("/chat", body), who(choice.asked))


def ask_again(server: Server, talk: Talk, choice: Choice) -> None:
    """Let the last question be answered anew."""
    talk.stop()
    last = talk.exchanges.pop()
    if talk.id is None or not last.answer.text:  # then the server has kept nothing of it
        ask(server, talk, choice, last.question, last.pictures)
        return
    talk.exchanges.append(Exchange(last.question, pictures=last.pictures))
    talk.begin(server.stream("/chat", {"regenerate": True, **_asked(choice, talk.id)}), who(choice.asked))


def who(asked: dict[str, str]) -> Details:
    """Who is asked by these fields of /chat."""
    return Details(asked.get("bot"), asked.get("provider"), asked.get("model"))


def _last_kept(server: Server, id: str) -> dict[str, Any]:
    """The last message of that conversation; nothing where there is none yet."""
    try:
        messages = server.read(f"/chat/conversations/{id}").get("messages") or [{}]
    except Trouble:
        return {}
    last: dict[str, Any] = messages[-1]
    return last


def _asked(choice: Choice, id: str | None) -> dict[str, Any]:
    return {**choice.asked, **(choice.wishes or {}), **({"conversation_id": id} if id else {})}


def _leave() -> None:
    talk_of_session().stop()


def _data_address(picture: bytes) -> str:
    kind = next((kind for start, kind in _TYPES.items() if picture.startswith(start)), "image/png")
    return f"data:{kind};base64,{base64.b64encode(picture).decode('ascii')}"
