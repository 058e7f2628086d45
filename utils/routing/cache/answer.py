"""An answer in its compact form: it grows while it is told, is read from any place on, and is stored as it is."""

from typing import Literal

import msgspec

from utils.chat import Delta, Image, ToolCallDelta, Usage

PIECE_BYTES = 4096
"""How much of a text is given at once, at most."""

RUN_BYTES = 256
"""What a run takes in memory beside its data."""

_WHOLE = frozenset({"stop", "tool_calls", "function_call", "eos"})
"""How an answer ends that is all there (Together: `eos`). What ended by `length` is cut off; the next may not be."""


class Run(msgspec.Struct, array_like=True):
    """Consecutive pieces of the same kind. The data is UTF-8: words, the arguments of a call, a picture's address."""

    kind: Literal["text", "reasoning", "call", "image"]
    call: ToolCallDelta | None = None
    """The call that the arguments belong to, as it was said, without them."""
    data: bytearray = msgspec.field(default_factory=bytearray)


class Answer(msgspec.Struct, array_like=True):
    """What was said so far, in its order."""

    runs: list[Run] = []
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    has_begun: bool = False
    """Whether anything was ever said, even if it is void by now."""
    beginnings: int = 0
    """How often what was said before has been made void."""
    size: int = 0
    """The bytes that it takes, roughly; never less than when it is stored."""

    @property
    def is_whole(self) -> bool:
        """Whether it came to its proper end and has more in it than thoughts."""
        return self.finish_reason in _WHOLE and any(run.kind != "reasoning" for run in self.runs)

    def add(self, delta: Delta) -> None:
        """Say this too; or only this, when it restarts the answer."""
        if delta.restarts:
            self.runs, self.size, self.beginnings = [], 0, self.beginnings + 1
            self.model, self.finish_reason, self.usage = None, None, None
        self._say("reasoning", delta.reasoning)
        self._say("text", delta.text)
        for call in delta.tool_calls:
            self._call(call)
        for image in delta.images:
            self._append(Run("image"), image.url)
        self.model = delta.model or self.model
        self.finish_reason = delta.finish_reason or self.finish_reason
        self.usage = delta.usage or self.usage

    def forget(self) -> None:
        """Let go of what was said; what comes is a rest."""
        self.runs, self.size = [], 0

    def _say(self, kind: Literal["text", "reasoning"], words: str) -> None:
        if words:
            last = self.runs[-1] if self.runs else None
            self._append(last if last and last.kind == kind else Run(kind), words)

    def _call(self, piece: ToolCallDelta) -> None:
        last = self.runs[-1] if self.runs else None
        call = msgspec.structs.replace(piece, arguments="")
        # Some servers give all calls the same index: a name or an id may begin another call.
        goes_on = last and last.call and last.call.index == call.index and call == ToolCallDelta(call.index)
        self._append(last if last and goes_on else Run("call", call), piece.arguments)

    def _append(self, run: Run, words: str) -> None:
        if not self.runs or self.runs[-1] is not run:
            self.runs.append(run)
            self.size += RUN_BYTES + _names_in(run.call)
        data = words.encode("utf-8", "surrogatepass")
        run.data += data
        self.size += len(data)
        self.has_begun = True


def _names_in(call: ToolCallDelta | None) -> int:
    """How much memory the names of a call take, at most."""
    return sum(4 * len(value) for value in msgspec.structs.astuple(call) if isinstance(value, str)) if call else 0


class Reading:
    """One reader's place in an answer that may still grow."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self._beginnings = answer.beginnings
        self._told = Delta()
        self.rewind()

    def rewind(self) -> None:
        """Read on from the first run."""
        self._run = 0
        self._offset: int | None = None

    def next(self) -> Delta | None:
        """What comes next; None when there is nothing new."""
        if self._beginnings != self.answer.beginnings:
            return self._restart()
        if self._told.model != self.answer.model:
            return self._tell(Delta(model=self.answer.model))
        while self._run < len(self.answer.runs):
            run = self.answer.runs[self._run]
            if self._offset is None or self._offset < len(run.data):
                return self._piece(run)
            if self._run == len(self.answer.runs) - 1:
                break
            self._run, self._offset = self._run + 1, None
        return self._end()

    @property
    def is_behind(self) -> bool:
        """Whether something was said that it has not read."""
        runs = self.answer.runs
        at_end = not runs or (self._run == len(runs) - 1 and self._offset == len(runs[-1].data))
        return not at_end or self._beginnings != self.answer.beginnings

    def _restart(self) -> Delta:
        self._beginnings, self._told = self.answer.beginnings, Delta()
        self.rewind()
        return Delta(restarts=True)

    def _piece(self, run: Run) -> Delta:
        start = self._offset or 0
        end = _cut(run.data, start) if run.kind in {"text", "reasoning"} else len(run.data)
        words = run.data[start:end].decode("utf-8", "surrogatepass")
        is_first, self._offset = self._offset is None, end
        if run.call:
            call = run.call if is_first else ToolCallDelta(run.call.index)
            return Delta(tool_calls=(msgspec.structs.replace(call, arguments=words),))
        if run.kind == "image":
            return Delta(images=(Image(words),))
        return Delta(text=words) if run.kind == "text" else Delta(reasoning=words)

    def _end(self) -> Delta | None:
        """The finish reason and the usage, when they are news."""
        news = Delta(
            finish_reason=self.answer.finish_reason if self.answer.finish_reason != self._told.finish_reason else None,
            usage=self.answer.usage if self.answer.usage != self._told.usage else None,
        )
        return self._tell(news) if news != Delta() else None

    def _tell(self, news: Delta) -> Delta:
        self._told = Delta(
            model=news.model or self._told.model,
            finish_reason=news.finish_reason or self._told.finish_reason,
            usage=news.usage or self._told.usage,
        )
        return news


def _cut(data: bytearray, start: int) -> int:
    """Where a piece from here on ends: never within a letter."""
    end = min(start + PIECE_BYTES, len(data))
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end -= 1
    return end


def stored(answer: Answer) -> bytes | None:
    """The answer as bytes; None when a name in it is no text."""
    try:
        return msgspec.msgpack.encode(answer)
    except UnicodeEncodeError:
        return None


def restored(data: bytes) -> Answer:
    """The answer of these bytes."""
    return msgspec.msgpack.decode(data, type=Answer)
