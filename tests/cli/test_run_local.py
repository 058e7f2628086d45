import json
import shlex
import shutil
import signal
import socket
import subprocess
import time

import httpx
import pytest

from tests.cli.local import copied_project, run_local, start


def health(server):
    return httpx.get(f"{server.address}/health").json()


def test_a_newcomer_sees_every_bot_its_state_and_how_to_talk_to_one():
    with run_local() as server:
        assert health(server)["status"] == "ok"

    lines = server.greeting.splitlines()
    assert any("DemoBot" in line and "/DemoBot" in line and "ready" in line for line in lines)
    assert any("GPTBot" in line and "openai" in line and "OPENAI_API_KEY is not set" in line for line in lines)
    assert "python config_manager.py chat DemoBot" in server.greeting


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_the_printed_curl_works_as_it_is():
    with run_local() as server:
        curl = next(line for line in server.greeting.splitlines() if line.strip().startswith("curl"))

        answer = subprocess.run(shlex.split(curl), capture_output=True, text=True, timeout=20, check=True)

    assert "event: text" in answer.stdout
    assert answer.stdout.rstrip().endswith("data: {}")


def test_ctrl_c_stops_at_once_and_cleanly():
    with run_local() as server:
        code, rest = server.stop()

    assert code == 0
    assert "Traceback" not in rest


def test_ctrl_c_ends_an_open_answer_with_a_word_of_why():
    body = {"type": "query", "query": [{"role": "user", "content": "/tokens 5 /slow 60000"}]}

    with run_local() as server, httpx.stream("POST", f"{server.address}/DemoBot", json=body) as response:
        lines = response.iter_lines()
        while not next(lines).startswith("event: text"):
            pass
        code, rest = server.stop()
        said = list(lines)

    assert code == 0
    assert "Traceback" not in rest
    error = next(json.loads(line[6:]) for line in said if "restarting" in line)
    assert error["allow_retry"] is True
    assert said[-3] == "event: done"


def asking(server, question):
    """An answer of DemoBot's that has begun, and its lines."""
    body = {"type": "query", "query": [{"role": "user", "content": question}]}
    return httpx.stream("POST", f"{server.address}/DemoBot", json=body)


def test_a_supervisor_lets_an_answer_come_to_its_end():
    with run_local() as server, asking(server, "/tokens 5 /slow 200") as response:
        lines = response.iter_lines()
        while not next(lines).startswith("event: text"):
            pass
        server.stop(signal.SIGTERM)
        said = list(lines)

    assert "event: error" not in said
    assert said[-3] == "event: done"


def test_a_second_signal_ends_at_once():
    with run_local() as server, asking(server, "/tokens 5 /slow 60000") as response:
        lines = response.iter_lines()
        while not next(lines).startswith("event: text"):
            pass
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        server.stop(signal.SIGTERM)

    assert time.monotonic() - began < 20  # the answer would go on for minutes


def test_a_taken_port_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        output, _ = (process := start("--port", port)).communicate(timeout=20)

    assert process.returncode == 1
    assert output.splitlines() == [f"run_local.py: port {port} is taken by another program; choose one with --port."]


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        (["--multi-provider"], {}, {"DemoBot", "SecondOpinion"}),
        (["--no-code-bots"], {}, {"DemoBot"}),
        (["--no-config-bots"], {}, {"SecondOpinion"}),
        ([], {"MULTI_PROVIDER_ENABLED": "false"}, {"SecondOpinion"}),
    ],
)
def test_the_owner_chooses_which_bots_are_served(tmp_path, options, environment, expected):
    bots = tmp_path / "bots.yaml"
    bots.write_text("bots: [{bot_name: DemoBot, provider: demo}]")

    with run_local("--bot-config", str(bots), *options, **environment) as server:
        assert set(health(server)["bots"]) == expected


def test_a_broken_file_leaves_the_server_up_and_says_so(tmp_path):
    bots = tmp_path / "bots.yaml"
    bots.write_text("bots: [")

    with run_local("--bot-config", str(bots)) as server:
        seen = health(server)

    assert seen["status"] == "degraded"
    assert "bots.yaml" in seen["problems"][0]
    assert "bots.yaml" in server.greeting


def test_keys_are_read_from_dot_env_but_the_environment_wins(tmp_path):
    project = copied_project(tmp_path)
    (project / ".env").write_text("OPENAI_API_KEY=sk-from-the-file\nLOG_LEVEL=error\n")

    with run_local(folder=project, LOG_LEVEL="debug") as server:
        seen, bots = health(server), httpx.get(f"{server.address}/bots").json()

    assert bots["GPTBot"]["ready"] is True
    assert seen["environment"]["log_level"] == "debug"
    assert "sk-from-the-file" not in server.greeting


def test_a_bot_without_an_access_key_is_open_on_this_machine_only(tmp_path):
    with run_local() as server:
        assert health(server)["environment"]["allow_without_key"] is True
    with run_local("--host", "0.0.0.0") as server:
        assert health(server)["environment"]["allow_without_key"] is False
    with run_local(ALLOW_WITHOUT_KEY="false") as server:
        assert health(server)["environment"]["allow_without_key"] is False


def test_reload_serves_what_was_changed(tmp_path):
    project = copied_project(tmp_path)
    bots = project / "config" / "bots.yaml"

    with run_local("--reload", folder=project) as server:
        bots.write_text("bots: [{bot_name: NewBot, provider: demo}]")
        said = ""
        while "NewBot" not in said:
            said = server.process.stdout.readline()
            assert said, "it ended instead of serving anew"
        server.stop()


def test_help_names_every_option():
    process = start("--help")
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    for option in ("--host", "--port", "--reload", "--provider-config", "--bot-config", "--log-level"):
        assert option in output


def test_what_changes_in_the_files_is_served_without_a_restart(tmp_path):
    folder = copied_project(tmp_path / "project")
    file = folder / "config" / "bots.yaml"

    with run_local(folder=folder) as server:
        text = file.read_text(encoding="utf-8")
        file.write_text(f"{text}\n  - {{bot_name: Newcomer, provider: demo}}\n", encoding="utf-8")
        deadline = time.monotonic() + 15
        while "Newcomer" not in health(server)["bots"] and time.monotonic() < deadline:
            time.sleep(0.05)
        served = health(server)
        code, rest = server.stop()

    assert "Newcomer" in served["bots"]
    assert served["status"] == "ok"
    assert "config.reloaded" in rest
    assert (code, "Traceback" in rest) == (0, False)
