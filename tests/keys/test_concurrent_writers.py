"""Several processes write one store at once, and nothing is lost."""

import os
import subprocess
import sys

import pytest

from utils.keys.store import store_of

EACH = 8
_WRITER = """
import os, sys
from utils.keys.store import Master, store_of
store = store_of(os.environ)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    if sys.argv[1] == "rotate":
        store.rotate(Master.new())
    else:
        store.set(f"{sys.argv[1]}_{number}", f"value {number} of {sys.argv[1]}")
"""


def started(name, places):
    command = [sys.executable, "-c", _WRITER, name, str(EACH)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env={**os.environ, **places}, text=True, **pipes)


def all_at_once(names, places):
    writers = [started(name, places) for name in names]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=50)
        assert writer.returncode == 0, errors


def written_by(*names):
    return {f"{name}_{number}": f"value {number} of {name}" for name in names for number in range(EACH)}


def test_two_that_make_the_store_and_write_it_lose_nothing(places):
    all_at_once(["A", "B"], places)

    assert store_of(places).read().values == written_by("A", "B")


def test_one_that_rotates_meanwhile_loses_nothing(places):
    store_of(places).set("FIRST", "value")

    all_at_once(["A", "rotate"], places)

    assert store_of(places).read().values == {"FIRST": "value", **written_by("A")}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_two_that_write_a_table_lose_nothing(places, tmp_path, kind):
    table = {**places, "KEYS_STORE": "database", "DATABASE_URL": f"sqlite:///{tmp_path}/keys.db"}

    all_at_once(["A", "B"], table)

    assert store_of(table).read().values == written_by("A", "B")
