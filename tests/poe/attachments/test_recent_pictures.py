from hypothesis import given
from hypothesis import strategies as st

from utils.poe.attachments.recent_pictures import RecentPictures


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_picture_is_remembered_for_a_while():
    clock = Clock()
    recent = RecentPictures(seconds=10, clock=clock)
    recent.put("a", "A")

    clock.now = 9.9
    assert recent.get("a") == "A"

    clock.now = 10
    assert recent.get("a") is None


def test_what_was_not_asked_for_the_longest_goes_first():
    recent = RecentPictures(bytes_at_most=3)
    for name in "abc":
        recent.put(name, name)

    recent.get("a")
    recent.put("d", "d")

    assert [recent.get(name) for name in "abcd"] == ["a", None, "c", "d"]


def test_a_newer_picture_takes_the_place_of_the_old_one():
    recent = RecentPictures(bytes_at_most=3)

    recent.put("a", "AAA")
    recent.put("a", "A")
    recent.put("b", "BB")

    assert (recent.get("a"), recent.get("b")) == ("A", "BB")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 15))))
def test_no_more_is_remembered_than_there_is_room_for(puts):
    recent = RecentPictures(bytes_at_most=10)

    for name, size in puts:
        recent.put(name, "x" * size)

        assert sum(len(recent.get(name) or "") for name in "abcdef") <= 10
        assert (recent.get(name) is not None) is (size <= 10)
