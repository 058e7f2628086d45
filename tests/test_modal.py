"""The deployment, checked without an account: what is declared, what ships, and that it serves there."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import modal
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def declared(monkeypatch):
    """What app.py hands to Modal's decorators and image, recorded on the way to the real ones."""
    seen: dict[str, list] = {}

    def spy(owner, name):
        real = getattr(owner, name)

        def recording(*args, **kwargs):
            seen.setdefault(name, []).append((args, kwargs))
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, recording)

    spy(modal.App, "function")
    spy(modal, "asgi_app")
    spy(modal, "concurrent")
    for name in ("debian_slim", "pip_install_from_requirements", "add_local_python_source", "add_local_dir"):
        spy(modal.Image, name)
    seen["module"] = [runpy.run_path(str(ROOT / "app.py"))]
    return seen


def test_the_function_is_declared_so_that_no_answer_is_cut_and_poe_need_not_wait(declared):
    ((_, function),) = declared["function"]

    assert function["timeout"] >= 3600
    assert function["min_containers"] >= 1
    assert function["max_containers"] >= function["min_containers"]
    assert function["enable_memory_snapshot"] is True
    assert declared["concurrent"][0][1]["max_inputs"] > 1


def test_one_named_secret_holds_all_keys_whatever_the_environment(monkeypatch):
    secrets = []
    for environment in ({}, {"OPENAI_API_KEY": "x", "POE_ACCESS_KEY": "y"}):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        app = runpy.run_path(str(ROOT / "app.py"))
        secrets.append([str(secret) for secret in app["serve"].info().secrets])

    assert secrets[0] == secrets[1] == ["modal.Secret.from_name('poe-bots')"]


def test_the_image_names_its_python_and_finds_its_files_from_any_folder(monkeypatch, tmp_path, request):
    monkeypatch.chdir(tmp_path)

    declared = request.getfixturevalue("declared")

    assert declared["debian_slim"][0][1]["python_version"]
    requirements = Path(declared["pip_install_from_requirements"][0][0][1])
    assert requirements.is_absolute()
    assert requirements.is_file()
    assert "-r " not in requirements.read_text()


def test_importing_it_warns_of_nothing_that_modal_has_deprecated():
    code = "import warnings, modal; warnings.simplefilter('error', modal.exception.DeprecationError); import app"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("garbage_as_before")
async def test_the_function_gives_an_app_that_answers(declared):
    app = declared["module"][0]["serve"].local()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        health = (await client.get("/health")).json()

    assert health["status"] == "ok"
    assert "DemoBot" in health["bots"]
    assert health["environment"]["allow_without_key"] is False


def test_what_ships_is_enough_and_is_all(declared, tmp_path):
    shutil.copy(ROOT / "app.py", tmp_path)
    for (_, *modules), _ in declared["add_local_python_source"]:
        for module in modules:
            only_python = shutil.ignore_patterns("__pycache__", "*.json", "*.yaml", "*.html")
            shutil.copytree(ROOT / module, tmp_path / module, ignore=only_python)
    for (_, folder, remote), _ in declared["add_local_dir"]:
        shutil.copytree(folder, tmp_path / Path(remote).relative_to("/root"))

    shipped = {path.name for path in tmp_path.iterdir()}
    answer = subprocess.run(
        [sys.executable, "-c", _SERVE_AND_ASK],
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "MODAL_IS_REMOTE": "1", "LEDGER": "log"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert shipped == {"app.py", "bots", "utils", "config", "migrations"}
    assert answer.returncode == 0, answer.stderr
    assert '"DemoBot"' in answer.stdout


_SERVE_AND_ASK = """
import asyncio, httpx, app
async def main():
    transport = httpx.ASGITransport(app=app.serve.local())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        print((await client.get("/health")).text)
asyncio.run(main())
"""


def test_the_memory_snapshot_holds_what_is_slow_to_import():
    code = "import app, sys; print('openai' in sys.modules, 'fastapi_poe' in sys.modules, 'httptools' in sys.modules)"
    environment = {**os.environ, "MODAL_IS_REMOTE": "1"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert done.stdout.split() == ["False", "True", "True"], done.stderr
