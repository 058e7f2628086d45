"""The owner's command line: `python config_manager.py --help`."""

from dotenv import load_dotenv

from utils.cli.commands import commands
from utils.settings import ROOT

if __name__ == "__main__":
    load_dotenv(ROOT / ".env")
    commands()
