"""The page at `/`: the server at a glance, for its owner's browser.

One string of HTML without a script, and nothing is fetched for it from elsewhere. Every word in it that comes from
outside this file goes through `escape`.
"""

import re
from collections.abc import Sequence
from html import escape
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from .overview import BotCard, Overview


def page(overview: Overview, address: str) -> str:
    """What is served at `address`, how it does, and how to connect it to Poe."""
    return _document(
        _head(overview),
        _problems(overview.problems),
        _bots(overview.bots, address) if overview.bots else _NO_BOTS,
        _connecting(address) if overview.bots else "",
        _LINKS,
    )


def _document(*sections: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Poe bots</title>
<link rel="icon" href="data:image/svg+xml,{quote(_ICON)}">
<style>{_STYLE}</style>
</head>
<body>
<main>
{"".join(sections)}</main>
</body>
</html>
"""


def _head(overview: Overview) -> str:
    tone, words = _STATUS[overview.status]
    return f"""<header>
<h1>Poe bots</h1>
<p class="row"><span class="state {tone}">{words}</span>
<span class="quiet">{_count(overview.bots)}version {escape(overview.version)}</span></p>
</header>
"""


def _count(bots: Sequence[BotCard]) -> str:
    ready = sum(bot.why_not_ready is None for bot in bots)
    return f"{ready} of {len(bots)} bots ready · " if bots else ""


def _problems(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{_prose(problem)}</li>\n" for problem in problems)
    return f"""<section class="note amber">
<h2>To be put right in the configuration</h2>
<ul>
{items}</ul>
</section>
"""


def _prose(text: str) -> str:
    """The text with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _bots(bots: Sequence[BotCard], address: str) -> str:
    return f"""<section>
<h2>Bots</h2>
{_WHERE_KEYS_GO if any(bot.why_not_ready for bot in bots) else ""}<div class="bots">
{"".join(_bot(bot, address) for bot in bots)}</div>
</section>
"""


def _bot(bot: BotCard, address: str) -> str:
    source = " · ".join(part for part in (bot.provider or "its own code", bot.model) if part)
    return f"""<article>
<div class="row"><h3>{escape(bot.name)}</h3> {_state(bot.why_not_ready)}</div>
<p>{escape(bot.description)}</p>
<p class="quiet">{escape(source)}</p>
<code class="address">{escape(address + quote(bot.path))}</code>
{_access_key(bot)}</article>
"""


def _access_key(bot: BotCard) -> str:
    return (
        f'<p class="quiet">access key: <code>{escape(bot.access_key_names[0])}</code></p>'
        if bot.access_key_names
        else ""
    )


def _state(why_not_ready: str | None) -> str:
    if why_not_ready is None:
        return '<span class="state green">ready</span>'
    return f'<span class="state amber">{_prose(why_not_ready)}</span>'


def _connecting(address: str) -> str:
    return f"""<section>
<h2>Connect a bot to Poe</h2>
{"" if _is_public(address) else _OUT_OF_REACH}{_STEPS}</section>
"""


def _is_public(address: str) -> bool:
    """Whether others may reach it too. A name is taken to be public, but for the one that every machine has."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


_STATUS = {
    "ok": ("green", "Up and running"),
    "degraded": ("amber", "Running, but something was left out"),
    "error": ("red", "No bot is served"),
}

_NO_BOTS = """<section>
<h2>Bots</h2>
<p>None is served yet. A bot is a few lines in <code>config/bots.yaml</code>, such as these:</p>
<pre>bots:
  - bot_name: MyBot
    provider: demo   # or another one of config/providers.yaml
    system_message: You are a pirate.</pre>
<p><code>run_local.py</code> serves it as soon as you save the file; on Modal, run <kbd>modal deploy app.py</kbd>.</p>
</section>
"""

_WHERE_KEYS_GO = """<p class="quiet hint">A key that is missing goes into the file <code>.env</code> on this machine, or
on Modal into the secret <code>poe-bots</code>. Then start the server again, or run
<kbd>modal deploy app.py</kbd>.</p>
"""

_OUT_OF_REACH = """<p class="note amber">Poe cannot reach this address: it works only from here. Try the bots here,
then put them online with <kbd>modal deploy app.py</kbd> and open this page there for their addresses.</p>
"""

_STEPS = """<ol>
<li>Create a server bot at <a href="https://poe.com/create_bot?server=1">poe.com/create_bot?server=1</a>, with the name
that it has here.</li>
<li>Paste the bot's address from above as its <b>Server URL</b>.</li>
<li>Copy the <b>access key</b> that Poe shows into the environment variable that stands under the bot's address, or
into <code>POE_ACCESS_KEY</code> for all bots. On Modal that is an entry of the secret <code>poe-bots</code>.</li>
<li>Start the server again, or run <kbd>modal deploy app.py</kbd>, and the bot answers on Poe.</li>
</ol>
"""

_LINKS = """<footer class="quiet">
For programs: <a href="/health">/health</a> <a href="/bots">/bots</a> <a href="/providers">/providers</a>
</footer>
"""

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#5d5cde" d="M6 4h20a5 5 0 0 1 5 5v11a5 5'
    ' 0 0 1-5 5H15l-8 6v-6H6a5 5 0 0 1-5-5V9a5 5 0 0 1 5-5z"/><g fill="#fff"><circle cx="10.5" cy="14.5" r="2.5"/>'
    '<circle cx="21.5" cy="14.5" r="2.5"/></g></svg>'
)

_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f6f6f9; --card: #fff; --line: #e2e2ea; --text: #1c1c28; --quiet: #626275; --link: #4a49c4;
  --green: #11653a; --green-ground: #e0f4e8;
  --amber: #7d4a00; --amber-ground: #fdf0d5;
  --red: #9c1c1c; --red-ground: #fce5e5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131319; --card: #1d1d26; --line: #30303d; --text: #ececf2; --quiet: #a0a0b2; --link: #a9a8ff;
    --green: #7fd9a4; --green-ground: #153324;
    --amber: #f3c36b; --amber-ground: #382a10;
    --red: #ff9c9c; --red-ground: #401c1c;
  }
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
header, section { margin-bottom: 2.25rem; }
header .row { margin-top: .5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.02em; }
h2 { font-size: 1.15rem; margin-bottom: .75rem; }
h3 { font-size: 1.05rem; }
a { color: var(--link); }
.quiet { color: var(--quiet); font-size: .9rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .75rem; }
.state { border-radius: 1rem; padding: .1rem .7rem; font-size: .85rem; font-weight: 500; }
.bots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .9rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.1rem; }
article { display: flex; flex-direction: column; gap: .3rem; }
article .row { justify-content: space-between; }
.green { color: var(--green); background: var(--green-ground); }
.amber { color: var(--amber); background: var(--amber-ground); }
.red { color: var(--red); background: var(--red-ground); }
.note { border-radius: .75rem; padding: .9rem 1.1rem; }
p.note, .hint { margin-bottom: 1rem; }
.note ul { padding-left: 1.2rem; }
code, kbd, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .875em; }
kbd, ol code, .hint code { white-space: nowrap; }
pre, .address { background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; }
.address { margin-top: auto; padding: .45rem .65rem; word-break: break-all; }
.address { user-select: all; -webkit-user-select: all; }
pre { background: var(--card); padding: .9rem 1.1rem; margin: .75rem 0; overflow-x: auto; }
ol { padding-left: 1.4rem; max-width: 46rem; }
li + li { margin-top: .5rem; }
footer { border-top: 1px solid var(--line); padding-top: 1rem; }
footer a { margin-left: .6rem; }
"""
