"""Many questions at once: a process of its own, so that counting answers costs the server nothing.

It reads its order as JSON from standard input and prints what happened as JSON. Only the standard library.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

from .wire import Answer, Question, is_whole, read_answer


@dataclass(frozen=True)
class Order:
    """Ask `question` over so many connections, each anew as soon as it is answered, until the time is over."""

    port: int
    question: Question
    concurrency: int
    seconds: float
    tokens: int
    """How many tokens a whole answer has."""


@dataclass(frozen=True)
class Tally:
    """What happened, from the first question to the end of the last answer."""

    seconds: float
    answers: int
    tokens: int
    messages: int
    errors: int


async def put_under_load(order: Order) -> Tally:
    """Carry out the order."""
    began_at = time.perf_counter()
    asking = (_ask_until(began_at + order.seconds, order) for _ in range(order.concurrency))
    answers = [answer for given in await asyncio.gather(*asking) for answer in given]
    return Tally(
        seconds=time.perf_counter() - began_at,
        answers=len(answers),
        tokens=sum(answer.tokens for answer in answers),
        messages=sum(answer.messages for answer in answers),
        errors=sum(answer.failed or answer.tokens != order.tokens for answer in answers),
    )


async def _ask_until(deadline: float, order: Order) -> list[Answer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", order.port)
    request = order.question.request()
    answers: list[Answer] = []
    while not answers or time.perf_counter() < deadline:
        writer.write(request)
        answers.append(await _answer(reader))
    writer.close()
    return answers


async def _answer(reader: asyncio.StreamReader) -> Answer:
    response = bytearray(await reader.read(65536))
    while not is_whole(response) and (received := await reader.read(65536)):
        response += received
    return read_answer(bytes(response))


def main() -> None:
    """Order in, tally out."""
    given = json.load(sys.stdin)
    order = Order(**{**given, "question": Question(**given["question"])})
    json.dump(asdict(asyncio.run(put_under_load(order))), sys.stdout)


if __name__ == "__main__":
    main()
