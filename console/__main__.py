"""`python -m console PORT`: the console for as long as the program that started it lives."""

import os
import sys
import threading
from pathlib import Path

from streamlit.web import cli


def main() -> None:
    """Serve on this machine alone, until the other end of standard input is gone."""
    threading.Thread(target=_end_with_the_one_who_started_it, daemon=True).start()
    home = Path(__file__).with_name("Home.py")
    options = [f"--server.port={int(sys.argv[1])}", "--server.address=127.0.0.1", "--server.headless=true"]
    cli.main(["run", str(home), *options], prog_name="streamlit")


def _end_with_the_one_who_started_it() -> None:
    # The pipe closes however that program ends, also when it is killed and can tell nobody.
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
