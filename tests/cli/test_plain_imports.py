"""Imports that leave out what is only for the eye."""

import subprocess
import sys

import pytest

from utils.cli.plain_imports import without
from utils.settings import ROOT


def test_what_is_left_out_is_not_found_inside_and_found_afterwards(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)

    with without("this"), pytest.raises(ModuleNotFoundError):
        __import__("this")

    assert "this" not in sys.modules


def test_what_is_loaded_already_stays():
    with without("sys", "json"):
        import json

    assert sys.modules["json"] is json


def test_a_server_begins_without_what_is_for_the_eye():
    program = (
        "import sys, uvicorn, run_local\n"
        "uvicorn.Server.run = lambda server, sockets: print('rich' in sys.modules)\n"
        "sys.argv = ['run_local.py', '--no-console', '--port', '0']\n"
        "run_local.main()"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.split() == ["False"], done.stderr
