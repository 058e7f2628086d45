"""B, a bot as people write it after reading the examples of fastapi_poe and openai: the yardstick.

It is served as fastapi_poe brings it: asyncio and h11. The rest is the same interpreter and the same packages.
"""

import argparse
from collections.abc import AsyncIterable

import fastapi_poe as fp
import uvicorn
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam

_ROLES = {"system": "system", "user": "user", "bot": "assistant"}


class ConventionalBot(fp.PoeBot):
    """Passes every chunk of the model on as it comes."""

    def __init__(self, api_base: str) -> None:
        super().__init__()
        self.client = AsyncOpenAI(base_url=api_base, api_key="unused")

    async def get_response(self, request: fp.QueryRequest) -> AsyncIterable[fp.PartialResponse]:
        """The model's answer, one event for each chunk."""
        messages: list[ChatCompletionMessageParam] = [
            {"role": _ROLES[message.role], "content": message.content}  # type: ignore[misc]  # a role is one of three types
            for message in request.query
        ]
        stream = await self.client.chat.completions.create(model="demo", messages=messages, stream=True)
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield fp.PartialResponse(text=chunk.choices[0].delta.content)


def main() -> None:
    """Serve the bot at `/`, and `/health` beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api-base", required=True)
    parser.add_argument("--access-key", required=True)
    options = parser.parse_args()
    app = fp.make_app(ConventionalBot(options.api_base), access_key=options.access_key)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    # Not `auto`, which would take uvloop and httptools because our server brings them.
    quiet = uvicorn.Config(app, port=options.port, loop="asyncio", http="h11", access_log=False, log_level="warning")
    uvicorn.Server(quiet).run()


if __name__ == "__main__":
    main()
