"""What an owner takes out and puts back, also of what nobody has asked yet."""

import pytest

from utils.routing.board import Board


def is_shut(board: Board, model: str, provider: str = "groq") -> bool:
    return board.lane(provider, model).breaker.state == "open"


@pytest.fixture
def board() -> Board:
    return Board()


def test_a_provider_that_is_out_is_out_for_models_that_are_asked_later(board):
    board.take_out("groq", None, "maintenance")

    assert is_shut(board, "llama")
    assert not is_shut(board, "llama", "together")


def test_one_model_of_it_may_be_put_back_before_anybody_has_asked_it(board):
    board.take_out("groq", None, "maintenance")
    board.put_back("groq", "llama")

    assert not is_shut(board, "llama")
    assert is_shut(board, "qwen")


@pytest.mark.parametrize("again", [None, "llama"])
def test_what_was_put_back_may_be_taken_out_again(board, again):
    board.take_out("groq", None, "maintenance")
    board.put_back("groq", "llama")
    board.take_out("groq", again, "still")

    assert is_shut(board, "llama")


def test_putting_back_a_provider_puts_back_all_of_it(board):
    board.take_out("groq", "llama", "odd")
    board.take_out("groq", None, "maintenance")
    board.put_back("groq", None)

    assert not is_shut(board, "llama")
    assert not is_shut(board, "qwen")


def test_putting_back_one_model_leaves_others_out(board):
    board.take_out("groq", "llama", "odd")
    board.take_out("groq", "qwen", "odd")
    board.put_back("groq", "llama")

    assert not is_shut(board, "llama")
    assert is_shut(board, "qwen")


def test_a_lane_that_is_there_follows_at_once(board):
    lane = board.lane("groq", "llama")

    taken = board.take_out("groq", None, "maintenance")
    was_shut = lane.breaker.state == "open"
    back = board.put_back("groq", None)

    assert (taken, was_shut, back, lane.breaker.state) == (1, True, 1, "closed")
