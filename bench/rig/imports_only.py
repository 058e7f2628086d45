"""A server of one route that imports what a Poe bot on Modal usually imports, and does nothing with it."""

import sys

import fastapi_poe  # noqa: F401  # imported for the time that it takes
import modal  # noqa: F401
import openai  # noqa: F401
import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
