"""Files are watched however an editor changes them; what does not change them is no news."""

import asyncio
import os
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from utils.registry.watching import WatchedFiles


class Watcher:
    def __init__(self, *paths: Path) -> None:
        self.changes = 0
        self._came = asyncio.Event()
        self._files = WatchedFiles(paths, look_anyway_seconds=0.3)

    async def watch(self) -> None:
        async with aclosing(self._files.changes()) as changes:
            async for _ in changes:
                self.changes += 1
                self._came.set()

    async def news(self) -> None:
        await asyncio.wait_for(self._came.wait(), 10)
        self._came.clear()


@asynccontextmanager
async def watching(*paths: Path):
    watcher = Watcher(*paths)
    task = asyncio.create_task(watcher.watch())
    try:
        yield watcher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bots.yaml"
    path.write_text("before")
    return path


def written(file: Path) -> None:
    file.write_text("after")


def replaced(file: Path) -> None:
    other = file.with_name("bots.yaml~")
    other.write_text("after")
    other.replace(file)


def deleted(file: Path) -> None:
    file.unlink()


def of_the_same_size(file: Path) -> None:
    file.write_text("BEFORE")


@pytest.mark.parametrize("change", [written, replaced, deleted, of_the_same_size])
async def test_a_change_is_news(file, change):
    async with watching(file) as watcher:
        change(file)
        await watcher.news()


async def test_a_file_that_is_deleted_and_comes_back_is_news_again(file):
    async with watching(file) as watcher:
        file.unlink()
        await watcher.news()
        file.write_text("back")
        await watcher.news()


async def test_so_is_one_whose_folder_was_not_there(tmp_path):
    file = tmp_path / "later" / "bots.yaml"
    with capture_logs() as logs:
        async with watching(file) as watcher:
            await asyncio.sleep(0.1)
            file.parent.mkdir()
            file.write_text("here")
            await watcher.news()

    assert [each["event"] for each in logs] == ["config.not_watched"]


async def test_a_change_behind_a_link_is_news(tmp_path):
    real = tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    real.write_text("before")
    link = tmp_path / "config" / "bots.yaml"
    link.parent.mkdir()
    link.symlink_to(real)

    async with watching(link) as watcher:
        real.write_text("after")
        await watcher.news()
        other = real.with_name("other.yaml")
        other.write_text("other")
        new_link = link.with_name("new")
        new_link.symlink_to(other)
        os.replace(new_link, link)
        await watcher.news()


async def test_what_holds_the_same_as_before_is_no_news(file, tmp_path):
    async with watching(file) as watcher:
        file.touch()
        replaced_by_itself = tmp_path / "copy"
        replaced_by_itself.write_text("before")
        replaced_by_itself.replace(file)
        (tmp_path / "another.yaml").write_text("x")
        await asyncio.sleep(0.4)
        file.write_text("after")
        await watcher.news()

    assert watcher.changes == 1
