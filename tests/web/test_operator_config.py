"""The owner edits the two files from afar: what stands around a change stays, and what would be wrong is not saved."""

import asyncio
import json

import pytest

from tests.web.owner import BOTS, KEY, PROVIDERS, owned

CANARY = "literal-canary-0123456789"


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("ADMIN_KEY", KEY)


def fields(answer):
    return {problem["field"]: problem for problem in answer.json()["problems"]}


async def test_both_files_are_shown_as_they_are_written(tmp_path):
    async with owned(tmp_path) as server:
        config = (await server.client.get("/admin/config")).json()
        poet = await server.entry("bots", "Poet")

    assert [entry["name"] for entry in config["providers"]["entries"]] == ["demo", "studio"]
    assert poet["entry"] == {"bot_name": "Poet", "provider": "demo", "system_message": "You answer in verse."}
    assert poet["yaml"] == (
        "bot_name: Poet   # the first\nprovider: demo\n# verse only\nsystem_message: You answer in verse.\n"
    )
    assert (poet["line"], poet["problems"], config["bots"]["read_only"]) == (2, [], None)


async def test_a_mistake_in_a_file_stands_beside_its_entry_with_field_line_and_fix(tmp_path):
    async with owned(tmp_path, BOTS + "    temprature: 1\n") as server:
        poet = await server.entry("bots", "Poet")

    (problem,) = poet["problems"]
    assert (problem["field"], problem["line"], problem["severity"]) == ("temprature", 6, "error")
    assert problem["message"].startswith("`temprature` is not a known key.")
    assert problem["fix"] == "Did you mean `temperature`?"


@pytest.mark.parametrize("text", ["bots: [", "- just a list", "", "bots:\n- {bot_name: !!binary aGk=, timeout: .nan}"])
async def test_a_file_of_any_kind_is_shown(tmp_path, text):
    async with owned(tmp_path) as server:
        (tmp_path / "bots.yaml").write_text(text)
        response = await server.client.get("/admin/config")

    bots = response.json()["bots"]
    assert response.status_code == 200
    assert bots["problems"] or any(entry["problems"] for entry in bots["entries"])


async def test_a_file_that_is_no_text_is_a_problem_and_is_not_changed(tmp_path):
    async with owned(tmp_path) as server:
        (tmp_path / "bots.yaml").write_bytes(b"bots: \xff\xfe")
        listed = await server.client.get("/admin/config")
        added = await server.client.post("/admin/config/bots", json={"entry": {"bot_name": "New", "provider": "demo"}})

    assert "not UTF-8" in listed.json()["bots"]["problems"][0]["message"]
    assert (added.status_code, added.json()["saved"]) == (422, False)


async def test_a_change_is_shown_first_saved_then_and_served_at_once(tmp_path):
    async with owned(tmp_path) as server:
        entry = {**(await server.entry("bots", "Poet"))["entry"], "temperature": 0.4, "bot_description": "Rhymes."}
        shown = await server.client.put("/admin/config/bots/Poet?dry_run=true", json={"entry": entry})
        before = server.bots
        saved = await server.client.put("/admin/config/bots/Poet", json={"entry": entry})
        listed = (await server.client.get("/bots")).json()

    assert (shown.status_code, shown.json()["saved"], shown.json()["reload"], before) == (200, False, None, BOTS)
    assert "+    temperature: 0.4" in shown.json()["diff"]
    assert (saved.status_code, saved.json()["diff"]) == (200, shown.json()["diff"])
    assert saved.json()["reload"]["changed"] == ["bot Poet"]
    assert server.bots == BOTS + "    temperature: 0.4\n    bot_description: Rhymes.\n"
    assert listed["Poet"]["description"] == "Rhymes."


async def test_lines_are_taken_as_they_were_typed_comments_and_all(tmp_path):
    lines = "bot_name: Poet\nprovider: demo # free\n\n# in a rhyme\nsystem_message: |\n  One.\n\n  Two.\n"
    async with owned(tmp_path) as server:
        await server.client.put("/admin/config/bots/Poet", json={"yaml": lines})
        shown = await server.entry("bots", "Poet")
        added = await server.client.post(
            "/admin/config/bots", json={"yaml": "- bot_name: Bard # new\n  provider: demo\n"}
        )

    assert shown["yaml"] == lines
    assert (added.status_code, added.json()["reload"]["new"]) == (201, ["bot Bard"])
    assert server.bots.endswith("  - bot_name: Bard # new\n    provider: demo\n")
    assert "    # in a rhyme\n" in server.bots


async def test_the_answer_has_the_entry_as_it_would_be_also_where_that_is_refused(tmp_path):
    async with owned(tmp_path) as server:
        entry = {**(await server.entry("bots", "Poet"))["entry"], "temperature": 9}
        refused = await server.client.put("/admin/config/bots/Poet?dry_run=true", json={"entry": entry})
        unread = await server.client.put("/admin/config/bots/Poet?dry_run=true", json={"yaml": "bot_name: ["})
        removed = await server.client.delete("/admin/config/bots/Poet?dry_run=true")

    would_be = refused.json()["entry"]
    assert (refused.status_code, would_be["entry"]) == (422, entry)
    assert "# verse only\n" in would_be["yaml"]
    assert would_be["yaml"].endswith("temperature: 9\n")
    assert would_be["problems"][0]["field"] == "temperature"
    assert (unread.json()["entry"], removed.json()["entry"]) == (None, None)


async def test_a_provider_that_is_known_is_added_with_the_entry_that_is_offered(tmp_path):
    async with owned(tmp_path) as server:
        known = (await server.client.get("/admin/config/known")).json()["providers"]
        (groq,) = [each for each in known if each["name"] == "groq"]
        added = await server.client.post("/admin/config/providers", json={"entry": groq["entry"]})
        listed = (await server.client.get("/providers")).json()

    assert (groq["title"], groq["key_names"]) == ("Groq", ["GROQ_API_KEY"])
    assert groq["key_url"].startswith("https://console.groq.com")
    assert added.status_code == 201
    assert listed["groq"]["why_not_ready"] == "GROQ_API_KEY is not set"


async def test_an_entry_is_renamed_and_removed(tmp_path):
    async with owned(tmp_path, BOTS + "\n  - {bot_name: Bard, provider: demo}\n") as server:
        renamed = await server.client.put(
            "/admin/config/bots/Bard", json={"entry": {"bot_name": "Skald", "provider": "demo"}}
        )
        taken = await server.client.put(
            "/admin/config/bots/Skald", json={"entry": {"bot_name": "Poet", "provider": "demo"}}
        )
        removed = await server.client.delete("/admin/config/bots/Skald")

    assert (renamed.json()["reload"]["new"], renamed.json()["reload"]["removed"]) == (["bot Skald"], ["bot Bard"])
    assert taken.status_code == 409
    assert removed.json()["reload"]["removed"] == ["bot Skald"]
    assert server.bots == BOTS


@pytest.mark.parametrize(
    ("entry", "field", "words"),
    [
        ({"bot_name": "New", "provider": "dmeo"}, "provider", "Did you mean `demo`?"),
        ({"bot_name": "New", "provider": "demo", "temperature": 9}, "temperature", "less than or equal to 2"),
        ({"bot_name": "New", "provider": "demo", "split": {"by": 3}}, "split", ""),
        ({"bot_name": "a/b", "provider": "demo"}, "bot_name", "should hold no `/`"),
        ({"bot_name": "x" * 101, "provider": "demo"}, "bot_name", ""),
        ({"bot_name": "New", "provider": "demo", "path": "/admin/x"}, "path", "belongs to the server itself"),
        ({"provider": "demo"}, "bot_name", "is missing"),
        ({"bot_name": "New", "provider": "demo", "bot_class": "no.such.Class"}, "bot_class", ""),
    ],
)
async def test_a_mistake_is_refused_at_its_field(tmp_path, entry, field, words):
    async with owned(tmp_path) as server:
        answer = await server.client.post("/admin/config/bots", json={"entry": entry})

    assert (answer.status_code, answer.json()["saved"], answer.json()["reload"]) == (422, False, None)
    assert any(found.startswith(field) for found in fields(answer))
    assert words in json.dumps(answer.json(), ensure_ascii=False)
    assert server.bots == BOTS


@pytest.mark.parametrize("name", [None, "Poet"])
async def test_of_an_entry_without_a_name_all_mistakes_are_said_at_once(tmp_path, name):
    entry = {"bot_name": " ", "provider": "demo", "temperature": 9, "timeout": -1}
    method, path = ("POST", "/admin/config/bots") if name is None else ("PUT", f"/admin/config/bots/{name}")
    async with owned(tmp_path) as server:
        answer = await server.client.request(method, path, json={"entry": entry})

    assert set(fields(answer)) == {"bot_name", "temperature", "timeout"}
    assert server.bots == BOTS


async def test_a_name_that_is_taken_is_said_at_the_name(tmp_path):
    async with owned(tmp_path) as server:
        answer = await server.client.post(
            "/admin/config/bots", json={"entry": {"bot_name": "Poet", "provider": "demo"}}
        )

    assert answer.status_code == 409
    assert fields(answer)["bot_name"]["message"] == "there is already a bot `Poet`."


async def test_what_is_saved_and_cannot_be_served_is_said_so(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("a-secret-of-a-bot")

    async with owned(tmp_path) as server:
        monkeypatch.setattr("utils.bot_factory.BotFactory.next", broken)
        saved = await server.client.post("/admin/config/bots", json={"entry": {"bot_name": "New", "provider": "demo"}})
        reloaded = await server.client.post("/admin/reload")
        still = await server.client.get("/bots")

    assert (saved.status_code, saved.json()["saved"], saved.json()["reload"]) == (201, True, None)
    assert saved.json()["not_in_force"].startswith("RuntimeError; the log has it (ref: ")
    assert "bot_name: New" in server.bots
    assert (reloaded.status_code, list(still.json())) == (500, ["Poet"])
    assert "What was served goes on" in reloaded.json()["error"]
    assert "a-secret-of-a-bot" not in saved.text + reloaded.text


async def test_a_warning_is_said_and_does_not_forbid(tmp_path):
    entry = {"name": "other", "api_base": "http://localhost:2/v1", "models": ["a"], "default_model": "b"}
    async with owned(tmp_path) as server:
        await server.client.post("/admin/config/providers", json={"entry": entry})
        answer = await server.client.post(
            "/admin/config/bots", json={"entry": {"bot_name": "New", "provider": "other", "model": "c"}}
        )

    assert (answer.status_code, answer.json()["saved"]) == (201, True)
    assert fields(answer)["model"]["severity"] == "warning"


async def test_a_provider_that_bots_need_stays(tmp_path):
    async with owned(tmp_path) as server:
        answer = await server.client.delete("/admin/config/providers/demo")

    assert (answer.status_code, server.providers) == (422, PROVIDERS)
    assert "needed by Poet" in answer.json()["error"]


@pytest.mark.parametrize("name", ["<script>alert(1)", "Köder 'n' \"Quote\"", "..", "admin:x"])
async def test_any_name_that_the_grammar_allows_is_data_and_nothing_else(tmp_path, name):
    async with owned(tmp_path) as server:
        added = await server.client.post("/admin/config/bots", json={"entry": {"bot_name": name, "provider": "demo"}})
        shown = await server.entry("bots", name)
        page = (await server.client.get("/")).text
        removed = await server.client.request("DELETE", "/admin/config/bots/" + name.replace("..", "%2e%2e"))

    assert added.headers["content-type"] == "application/json"
    assert (added.status_code, shown["entry"]["bot_name"]) == (201, name)
    assert "<script>" not in page
    assert removed.status_code in {200, 404}  # `..` is what clients tidy up themselves


@pytest.mark.parametrize(
    "path", ["bots/../providers/demo", "bots/%2e%2e/providers/demo", "bots/", "bots/Poet/", "bots//Poet", "botsPoet"]
)
async def test_a_path_is_taken_as_it_is(tmp_path, path):
    from tests.web.test_operator import raw

    async with owned(tmp_path) as server:
        status, _ = await raw(server.client, "DELETE", f"/admin/config/{path}", {"authorization": f"Bearer {KEY}"})

    assert status in {404, 405}
    assert (server.bots, server.providers) == (BOTS, PROVIDERS)


async def test_who_looked_at_another_version_is_told_so(tmp_path):
    entry = {"entry": {"bot_name": "New", "provider": "demo"}}
    async with owned(tmp_path) as server:
        version = (await server.client.get("/admin/config")).json()["bots"]["version"]
        (tmp_path / "bots.yaml").write_text(BOTS + "# somebody was here\n")
        in_header = await server.client.post("/admin/config/bots", json=entry, headers={"if-match": f'"{version}"'})
        in_body = await server.client.post("/admin/config/bots", json={**entry, "version": version})
        now = in_body.json()["version"]
        again = await server.client.post("/admin/config/bots", json={**entry, "version": now})

    assert (in_header.status_code, in_body.status_code, again.status_code) == (409, 409, 201)
    assert "look again" in in_body.json()["error"]
    assert "# somebody was here" in server.bots


async def test_of_two_who_change_the_same_version_at_once_one_is_told(tmp_path):
    async with owned(tmp_path) as server:
        version = (await server.client.get("/admin/config")).json()["bots"]["version"]
        answers = await asyncio.gather(
            *(
                server.client.post(
                    "/admin/config/bots", json={"entry": {"bot_name": name, "provider": "demo"}, "version": version}
                )
                for name in ("One", "Two")
            )
        )
        entries = (await server.client.get("/admin/config")).json()["bots"]["entries"]

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(entries) == 2


async def test_changes_at_once_without_a_version_are_all_kept(tmp_path):
    async with owned(tmp_path) as server:
        names = [f"Bot{number}" for number in range(4)]
        wishes = [{"entry": {"bot_name": name, "provider": "demo"}} for name in names]
        answers = await asyncio.gather(*(server.client.post("/admin/config/bots", json=wish) for wish in wishes))
        served = (await server.client.get("/bots")).json()

    assert {answer.status_code for answer in answers} == {201}
    assert {"Poet", *names} <= served.keys()


async def test_a_read_only_file_is_not_changed_and_the_difference_is_shown_all_the_same(tmp_path):
    wish = {"entry": {"bot_name": "New", "provider": "demo"}}
    async with owned(tmp_path) as server:
        (tmp_path / "bots.yaml").chmod(0o444)
        listed = (await server.client.get("/admin/config")).json()
        shown = await server.client.post("/admin/config/bots?dry_run=true", json=wish)
        refused = await server.client.post("/admin/config/bots", json=wish)

    assert "read-only" in listed["bots"]["read_only"]
    assert (shown.status_code, refused.status_code, server.bots) == (200, 403, BOTS)
    assert "read-only" in refused.json()["error"]


async def test_on_modal_the_files_belong_to_the_deployment(tmp_path, monkeypatch):
    monkeypatch.setenv("MODAL_IS_REMOTE", "1")
    async with owned(tmp_path) as server:
        refused = await server.client.delete("/admin/config/bots/Poet")

    assert (refused.status_code, server.bots) == (403, BOTS)
    assert "modal deploy app.py" in refused.json()["error"]


async def test_a_key_in_a_file_is_not_shown_and_comes_back_as_it_was(tmp_path):
    async with owned(tmp_path) as server:
        shown = await server.entry("providers", "studio")
        more = {**shown["entry"], "models": ["small", "large"]}
        as_data = await server.client.put("/admin/config/providers/studio", json={"entry": more})
        after_data = server.providers
        lines = (await server.entry("providers", "studio"))["yaml"].replace("# at home", "# upstairs")
        as_lines = await server.client.put("/admin/config/providers/studio", json={"yaml": lines})

    assert shown["entry"]["headers"] == {"Authorization": "***", "X-Team": "${TEAM:-42}"}
    assert CANARY not in json.dumps(shown) + as_data.text + as_lines.text
    assert after_data == PROVIDERS.replace("[small]", "[small, large]")
    assert server.providers == after_data.replace("# at home", "# upstairs")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"headers": {"Authorization": "Bearer another-key-0123456789"}}, "headers.Authorization"),
        ({"headers": {"x-api-key": "another-key-0123456789"}}, "headers.x-api-key"),
        ({"headers": {"Authorization": "Bearer ${KEY:-another-key-0123456789}"}}, "headers.Authorization"),
        ({"api_key_env": "sk-another-key-0123456789"}, "api_key_env"),
        ({"api_key_env": ["STUDIO_KEY", "sk-another-key-0123456789"]}, "api_key_env.1"),
        ({"api_base": "https://me:another-key-0123456789@llm.example/v1"}, "api_base"),
        ({"api_base": "https://llm.example/v1?api_key=another-key-0123456789"}, "api_base"),
        ({"additional_params": {"user_token": "another-key-0123456789"}}, "additional_params.user_token"),
        ({"settings": {"x": ["sk-another-key-0123456789abc"]}}, "settings.x.0"),
        ({"headers": {"Cookie": "***"}}, "headers.Cookie"),
    ],
)
async def test_a_new_key_is_refused_and_not_repeated(tmp_path, given, field):
    entry = {"name": "new", "api_base": "https://llm.example/v1", **given}
    async with owned(tmp_path) as server:
        answer = await server.client.post("/admin/config/providers?dry_run=true", json={"entry": entry})

    assert (answer.status_code, list(fields(answer))) == (422, [field])
    assert "another-key" not in answer.text


async def test_variables_stay_as_they_are_written(tmp_path):
    entry = {"name": "new", "api_base": "${BASE:-https://llm.example/v1}", "api_key_env": "NEW_KEY"}
    entry["headers"] = {"Authorization": "Bearer ${NEW_TOKEN:-}"}
    async with owned(tmp_path) as server:
        answer = await server.client.post("/admin/config/providers", json={"entry": entry})

    assert answer.status_code == 201
    assert "api_base: ${BASE:-https://llm.example/v1}" in server.providers
    assert "${NEW_TOKEN:-}" in server.providers


BOMB = "bot_name: x\na: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "either"),
        (b"[]", 400, "JSON object"),
        (b"{", 400, "no valid JSON"),
        (b'{"entry": []}', 400, "should be an object"),
        (b'{"yaml": 3}', 400, "should be text"),
        (b'{"entry": {}, "yaml": ""}', 400, "either"),
        (b'{"entri": {}}', 400, "Did you mean `entry`?"),
        (b'{"entry": {"bot_name": "x"}, "version": 3}', 400, "version"),
        (b'{"entry": {"x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}", 400, ""),
        (b'{"entry": {"x": ' + b"[" * 60 + b"]" * 60 + b"}}", 400, "nested"),
        (b'{"entry": {"x": [' + b"1," * 20_000 + b"1]}}", 400, "larger"),
        (b'{"entry": {"bot_name": "x", "temperature": NaN}}', 422, ""),
        (b"x" * 300_000, 413, "too large"),
        (json.dumps({"yaml": BOMB}).encode(), 422, "unfold"),
        (json.dumps({"yaml": "a: " + "[" * 9_000}).encode(), 422, "nested too deeply"),
        (json.dumps({"yaml": "bot_name: x\n---\nprovider: demo"}).encode(), 422, ""),
        (json.dumps({"yaml": "bot_name: [x"}).encode(), 422, "(line"),
        (json.dumps({"yaml": "just words"}).encode(), 422, "should be lines"),
        (json.dumps({"yaml": "bot_name: x\nbot_name: y\nprovider: demo"}).encode(), 422, "twice"),
    ],
)
async def test_what_is_no_entry_is_refused(tmp_path, body, status, words):
    async with owned(tmp_path) as server:
        answer = await server.client.post("/admin/config/bots", content=body)

    assert answer.status_code == status
    assert words in json.dumps(answer.json(), ensure_ascii=False)
    assert server.bots == BOTS


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/admin/config/bots/Nobody", 404),
        ("DELETE", "/admin/config/bots/Nobody", 404),
        ("POST", "/admin/config/bots/Poet", 405),
        ("GET", "/admin/config/bots", 405),
        ("PATCH", "/admin/config/schema", 405),
        ("POST", "/admin/config/bots?dry_run=perhaps", 400),
    ],
)
async def test_what_is_not_there_cannot_be_changed(tmp_path, method, path, status):
    async with owned(tmp_path) as server:
        wish = {"entry": {"bot_name": "New", "provider": "demo"}}
        answer = await server.client.request(method, path, json=None if method == "DELETE" else wish)

    assert (answer.status_code, server.bots) == (status, BOTS)


async def test_the_schema_knows_every_field(tmp_path):
    async with owned(tmp_path) as server:
        schema = (await server.client.get("/admin/config/schema")).json()

    assert schema["bots"]["properties"]["temperature"]["description"].startswith("How freely")
    assert schema["bots"]["required"] == ["bot_name"]
    assert {"name", "api_base", "params"} <= schema["providers"]["properties"].keys()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize("path", ["", "/schema", "/bots", "/bots/Poet", "/%2e%2e/%2e%2e/health"])
async def test_nobody_gets_in_without_the_key_and_no_page_with_it(tmp_path, method, path):
    from tests.web.test_operator import raw

    async with owned(tmp_path) as server:
        nobody = await raw(server.client, method, f"/admin/config{path}", {})
        page = {"authorization": f"Bearer {KEY}", "origin": "https://evil.example"}
        from_page = await raw(server.client, method, f"/admin/config{path}", page)

    assert (nobody[0], from_page[0], server.bots) == (401, 403, BOTS)
