"""The examples of docs/api.md, as they stand there, with curl and with OpenAI's own client."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.web.programs import Served, server
from utils.keys.clients import create_client

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
BOTS = "bots: [{bot_name: DemoBot, provider: demo}]"


async def said_by(served: Served, key: str, *command: str) -> str:
    here = {**os.environ, "URL": served.address, "KEY": key, "NO_PROXY": "127.0.0.1"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=here, stdout=pipe, stderr=pipe)
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("example", SHELL, ids=["completion", "vectors", "chat"])
async def test_an_example_with_curl_works(tmp_path, example):
    key = create_client(tmp_path / "clients.json", "my-app", "")

    async with server(tmp_path, BOTS, allow_without_key=False) as served:
        answer = json.loads(await said_by(served, key, "sh", "-c", example))

    assert "error" not in answer
    assert {"choices", "data", "conversation_id"} & answer.keys()


@pytest.mark.parametrize("example", PYTHON, ids=["openai"])
async def test_an_example_in_python_works(tmp_path, example):
    key = create_client(tmp_path / "clients.json", "my-app", "")

    async with server(tmp_path, BOTS, allow_without_key=False) as served:
        said = await said_by(served, key, sys.executable, "-c", example)

    assert said == "Hello!\nHello!DemoBot\n"
