"""A process that writes records as fast as it can, and says which ones were taken: `child.py PLACE JOURNAL COUNT`."""

import asyncio
import sys
from pathlib import Path

from utils.ledger import UsageRecord
from utils.ledger.database import Database
from utils.ledger.pace import Pace
from utils.ledger.stored import StoredLedger


async def main(place: str, journal: str, count: int) -> None:
    where = place if "://" in place else Path(place)
    pace = Pace(most_in_memory=200, batch=50, interval=0.002, first_pause=0.01, longest_pause=0.05)
    ledger = StoredLedger(Database.of(where), Path(journal), pace=pace)
    for number in range(count):
        record = UsageRecord(bot="Child", user=f"u-{number}")
        ledger.write(record)
        sys.stdout.write(f"{record.id}\n")
        sys.stdout.flush()
        if number % 20 == 0:
            await asyncio.sleep(0.001)
    await ledger.aclose()
    sys.stdout.write(f"ended {ledger.state().lost}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
