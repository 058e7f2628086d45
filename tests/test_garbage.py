"""A process that serves does not spend its time on looking for garbage."""

import gc

import pytest

from utils.garbage import look_seldom


@pytest.mark.usefixtures("garbage_as_before")
def test_what_is_there_is_looked_through_no_more_and_what_comes_is_looked_through_seldom():
    gc.disable()

    look_seldom()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] >= 10_000
