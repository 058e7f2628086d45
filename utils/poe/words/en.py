"""English."""

from collections.abc import Mapping

from .text import Text

WORDS: Mapping[Text, str] = {
    Text.RATE_LIMITED: "The model is getting too many requests right now. Please try again in a moment.",
    Text.OVERLOADED: "The model is overloaded right now. Please try again in a moment.",
    Text.BUSY: "So many questions are being answered right now that yours has to wait. Please try again in a moment.",
    Text.UNREACHABLE: "The model cannot be reached right now. Please try again in a moment.",
    Text.TIMED_OUT: "The model took too long to answer. Please try again.",
    Text.BROKEN_STREAM: "The answer was cut off before its end. Please try again.",
    Text.EMPTY_ANSWER: "The model gave an empty answer. Please try again or ask in other words.",
    Text.NOT_A_STREAM: "The model's server sent something that is no answer. Please try again later.",
    Text.KEY_MISSING: "This bot is not set up yet: {variable} is missing on the server.",
    Text.KEY_REFUSED: "This bot is not set up correctly: the model's provider does not accept the server's key.",
    Text.QUOTA_EXHAUSTED: "This bot has used up its credit at the model's provider. Its owner needs to top it up.",
    Text.MODEL_NOT_FOUND: "This bot is not set up correctly: the model's provider does not offer its model.",
    Text.CONTEXT_TOO_LONG: (
        "This conversation is too long for the model. Please shorten your message or start a new chat."
    ),
    Text.CONTENT_REFUSED: "The model's provider declined to answer this. Please ask in another way.",
    Text.REQUEST_REJECTED: "This bot is not set up correctly: the model's provider did not accept its request.",
    Text.PROVIDER_FAILURE: "The model could not answer. Please try again.",
    Text.UNEXPECTED: "Something went wrong on this bot's server.",
    Text.SHUTTING_DOWN: "This bot's server is restarting. Please try again in a moment.",
    Text.TOO_MANY_QUESTIONS: "You have asked many questions in a short time. Please ask again in {wait}.",
    Text.BUDGET_SPENT: "The budget for answers is used up. A new one begins on {begins}.",
    Text.BUDGET_UNKNOWN: "The budget of this bot cannot be looked up right now. Please try again in a moment.",
    Text.NOTHING_ASKED: "There is no message to answer.",
    Text.CANNOT_CHARGE: "This answer cannot be charged right now. Please try again later.",
    Text.NOT_ENOUGH_POINTS: "You do not have enough points for this answer.",
    Text.WITH_REFERENCE: "{sentence} (Reference: {reference})",
    Text.THINKING: "Thinking… {seconds} s",
    Text.STILL_WORKING: "Still working… {seconds} s",
    Text.ANSWER_TOO_LONG: "The answer reached Poe's limit of length and ends here.",
    Text.TIME_IS_UP: "The answer reached Poe's time limit and ends here.",
    Text.PICTURE_NOT_SHOWN: "The model made a picture that cannot be shown here.",
}
