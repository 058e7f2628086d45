"""What each vendor says when something is wrong: status, body and headers, and which failure that is."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from utils.errors import (
    ContentRefused,
    ContextTooLong,
    KeyRefused,
    ModelNotFound,
    Overloaded,
    ProviderFailure,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
)


class Report(NamedTuple):
    """One answer that is none. A text instead of a report says why there is none."""

    status: int
    body: Any
    failure: type[ProviderFailure]
    headers: Mapping[str, str] = {}
    wait: float | None = None


def _openai(message: str, code: Any = None, kind: str = "invalid_request_error", param: str | None = None) -> Any:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _google(code: int, message: str, status: str, *details: Any) -> Any:
    return [{"error": {"code": code, "message": message, "status": status, "details": list(details)}}]


def _top(message: str, kind: str, code: str, param: str | None = None) -> Any:
    return {"message": message, "type": kind, "param": param, "code": code}


def _nim(status: int, title: str, detail: str) -> Any:
    return {"status": status, "title": title, "detail": detail}


def _openrouter(code: int, message: str, **metadata: Any) -> Any:
    return {"error": {"code": code, "message": message, "metadata": metadata}, "user_id": "user_1"}


SITUATIONS = ("key", "credit", "rate", "busy", "model", "length", "content", "parameter")

_FREE = "nothing is paid for there"
_NO_KEY = "it takes any key unless it was started with one of its own"
_NO_LIMIT = "it has no limit of its own"
_NO_FILTER = "it has no filter of its own"
_WIDE_CONTEXT = (
    "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens. Please reduce"
)
_FILTERED = {
    "code": "content_filter",
    "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    "param": "prompt",
    "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}},
}
_FORBIDDEN = {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "input": 1}
_RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "14s"}
_GROQ_DAY = (
    "Rate limit reached for model `m` in organization `org_1` service tier `on_demand` on tokens per day (TPD):"
    " Limit 100000, Used 97050, Requested 3619. Please try again in 9m38.016s. Need more tokens? Upgrade to Dev Tier"
    " today at https://console.groq.com/settings/billing"
)

REPORTS: Mapping[str, Mapping[str, Report | str]] = {
    "neutral": {
        "key": Report(401, "", KeyRefused),
        "credit": Report(402, None, QuotaExhausted),
        "rate": Report(429, "slow down", RateLimited, {"retry-after": "3"}, 3),
        "busy": Report(502, "<html><head><title>502 Bad Gateway</title></head></html>", Overloaded),
        "model": Report(404, ["no"], ModelNotFound),
        "length": Report(413, "too large", ContextTooLong),
        "content": Report(400, '"blocked by content_policy"', ContentRefused),
        "parameter": Report(422, {"detail": "no"}, RequestRejected),
    },
    "openai": {
        "key": Report(401, _openai("Incorrect API key provided: sk-proj-****abcd.", "invalid_api_key"), KeyRefused),
        "credit": Report(
            429, _openai("You exceeded your current quota", "insufficient_quota", "insufficient_quota"), QuotaExhausted
        ),
        "rate": Report(
            429,
            _openai("Rate limit reached on tokens per min (TPM). Please try again in 20ms.", "rate_limit_exceeded"),
            RateLimited,
            {"retry-after-ms": "20", "retry-after": "1", "x-ratelimit-remaining-tokens": "0"},
            0.02,
        ),
        "busy": Report(503, _openai("The server is overloaded", "server_is_overloaded", "server_error"), Overloaded),
        "model": Report(404, _openai("The model `gpt-7` does not exist", "model_not_found"), ModelNotFound),
        "length": Report(400, _openai(_WIDE_CONTEXT, "context_length_exceeded", param="messages"), ContextTooLong),
        "content": Report(400, _openai("Your request was flagged", "content_policy_violation"), ContentRefused),
        "parameter": Report(
            400,
            _openai("Unsupported value: 'temperature' does not support 0.5.", "unsupported_value", param="temperature"),
            RequestRejected,
        ),
    },
    "anthropic": {
        "key": Report(401, _openai("invalid x-api-key", None, "authentication_error"), KeyRefused),
        "credit": Report(400, _openai("Your credit balance is too low to access the Anthropic API."), QuotaExhausted),
        "rate": Report(
            429,
            _openai("This request would exceed your organization's rate limit", None, "rate_limit_error"),
            RateLimited,
            {"retry-after": "38"},
            38,
        ),
        "busy": Report(529, _openai("Overloaded", None, "overloaded_error"), Overloaded),
        "model": Report(404, _openai("model: claude-9", None, "not_found_error"), ModelNotFound),
        "length": Report(
            400, _openai("input length and `max_tokens` exceed context limit: 199999 + 9000 > 200000"), ContextTooLong
        ),
        "content": "it refuses in the answer itself",
        "parameter": Report(400, _openai("`temperature` is deprecated for this model."), RequestRejected),
    },
    "gemini": {
        "key": Report(
            400,
            _google(400, "API key not valid.", "INVALID_ARGUMENT", {"reason": "API_KEY_INVALID"}),
            KeyRefused,
        ),
        "credit": Report(
            429,
            _google(429, "You exceeded your current quota", "RESOURCE_EXHAUSTED", {"quotaId": "RequestsPerDay"}),
            QuotaExhausted,
        ),
        "rate": Report(429, _google(429, "Quota exceeded", "RESOURCE_EXHAUSTED", _RETRY), RateLimited, wait=14),
        "busy": Report(
            503, _google(503, "The model is overloaded. Please try again later.", "UNAVAILABLE"), Overloaded
        ),
        "model": Report(
            404, _google(404, "models/gemini-9 is not found for API version v1main", "NOT_FOUND"), ModelNotFound
        ),
        "length": Report(
            400, _google(400, "The input token count (1200000) exceeds the maximum", "INVALID_ARGUMENT"), ContextTooLong
        ),
        "content": "it ends such an answer with a reason of its own",
        "parameter": Report(
            400,
            _google(400, 'Invalid JSON payload received. Unknown name "seed": Cannot find field.', "INVALID_ARGUMENT"),
            RequestRejected,
        ),
    },
    "fireworks": {
        "key": Report(401, {"error": {"message": "The API key you provided is invalid."}}, KeyRefused),
        "credit": Report(
            412, _openai("Account is suspended, possibly due to reaching the monthly spending limit"), QuotaExhausted
        ),
        "rate": Report(429, _openai("Rate limit exceeded", "RATE_LIMITED"), RateLimited, {"retry-after": "1.5"}, 1.5),
        "busy": Report(503, _openai("Service overloaded", None, "error"), Overloaded),
        "model": Report(404, _openai("Model not found, inaccessible, and/or not deployed", "NOT_FOUND"), ModelNotFound),
        "length": Report(
            400, _openai("The prompt is too long: 9000, model maximum context length: 8191"), ContextTooLong
        ),
        "content": _NO_FILTER,
        "parameter": Report(
            400, _openai("Extra inputs are not permitted, field: 'top_a', value: 0.1"), RequestRejected
        ),
    },
    "together": {
        "key": Report(401, _openai("Invalid API key provided.", "invalid_api_key"), KeyRefused),
        "credit": Report(
            402, _openai("Credit limit exceeded, please add credits", None, "credit_limit"), QuotaExhausted
        ),
        "rate": Report(
            429,
            _openai("You have reached the rate limit", None, "model_rate_limit"),
            RateLimited,
            {"retry-after": "0"},
            0,
        ),
        "busy": Report(
            503, _openai("The server is overloaded or not ready yet", None, "service_unavailable"), Overloaded
        ),
        "model": Report(404, _openai("Unable to access model x", "model_not_available"), ModelNotFound),
        "length": Report(
            422,
            _openai("`inputs` tokens + `max_new_tokens` must be <= 8193: it exceeds the maximum context length"),
            ContextTooLong,
        ),
        "content": _NO_FILTER,
        "parameter": Report(
            400, _openai("Input validation error: `temperature` must be strictly positive", None), RequestRejected
        ),
    },
    "groq": {
        "key": Report(401, _openai("Invalid API Key", "invalid_api_key"), KeyRefused),
        "credit": Report(400, _openai("Spend limit reached", "blocked_api_access spend_limit"), QuotaExhausted),
        "rate": Report(429, _openai(_GROQ_DAY, "rate_limit_exceeded", "tokens"), RateLimited, {}, 578.016),
        "busy": Report(503, _openai("Model is currently over capacity.", "over_capacity", "internal"), Overloaded),
        "model": Report(400, _openai("The model `m` has been decommissioned", "model_decommissioned"), ModelNotFound),
        "length": Report(
            413, _openai("Request too large for model `m`", "rate_limit_exceeded", "tokens"), ContextTooLong
        ),
        "content": _NO_FILTER,
        "parameter": Report(
            400, _openai("'messages.0' : for 'role:user' property 'name' is unsupported"), RequestRejected
        ),
    },
    "ollama": {
        "key": Report(401, {"error": "unauthorized"}, KeyRefused),
        "credit": Report(403, {"error": "this model requires a subscription, upgrade for access"}, QuotaExhausted),
        "rate": Report(429, {"error": "you have reached your hourly usage limit"}, RateLimited),
        "busy": Report(503, {"error": "server busy, please try again. maximum pending requests exceeded"}, Overloaded),
        "model": Report(
            404, _openai('model "x" not found, try pulling it first', None, "not_found_error"), ModelNotFound
        ),
        "length": Report(400, _openai("the input length exceeds the context window"), ContextTooLong),
        "content": _NO_FILTER,
        "parameter": Report(400, _openai("registry.ollama.ai/library/x does not support tools"), RequestRejected),
    },
    "azure": {
        "key": Report(
            401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key"}}, KeyRefused
        ),
        "credit": Report(
            429, {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}, QuotaExhausted
        ),
        "rate": Report(
            429,
            {"error": {"code": "429", "message": "Exceeded token rate limit. Please retry after 26 seconds."}},
            RateLimited,
            {"apim-request-id": "1"},
            26,
        ),
        "busy": Report(503, {"error": {"code": "InternalServerError", "message": "Backend failure"}}, Overloaded),
        "model": Report(404, {"error": {"code": "DeploymentNotFound", "message": "It does not exist."}}, ModelNotFound),
        "length": Report(400, _openai(_WIDE_CONTEXT, "context_length_exceeded"), ContextTooLong),
        "content": Report(400, {"error": _FILTERED}, ContentRefused),
        "parameter": Report(422, {"error": {"code": "Invalid input", "details": [_FORBIDDEN]}}, RequestRejected),
    },
    "bedrock": {
        "key": Report(
            403,
            {"message": "The security token included in the request is expired"},
            KeyRefused,
            {"x-amzn-errortype": "ExpiredTokenException"},
        ),
        "credit": "it bills afterwards",
        "rate": Report(429, {"message": "Too many tokens, please wait before trying again."}, RateLimited),
        "busy": Report(503, {"message": "Try later"}, Overloaded, {"x-amzn-errortype": "ServiceUnavailableException"}),
        "model": Report(400, {"message": "The provided model identifier is invalid."}, ModelNotFound),
        "length": Report(400, {"message": "Input is too long for requested model."}, ContextTooLong),
        "content": "guardrails answer in the stream",
        "parameter": Report(
            400,
            {"message": "extraneous key [seed] is not permitted"},
            RequestRejected,
            {"x-amzn-errortype": "Validation"},
        ),
    },
    "replicate": {
        "key": Report(401, {"title": "Unauthenticated", "detail": "You did not pass a valid token"}, KeyRefused),
        "credit": Report(
            402, {"title": "Insufficient credit", "detail": "You have insufficient credit"}, QuotaExhausted
        ),
        "rate": Report(
            429, {"detail": "Request was throttled. Your rate limit resets in 8s.", "status": 429}, RateLimited, {}, 8
        ),
        "busy": Report(500, {"detail": "Internal server error"}, Overloaded),
        "model": Report(404, {"detail": "The requested resource could not be found."}, ModelNotFound),
        "length": Report(400, {"detail": "prompt is too long for the context window"}, ContextTooLong),
        "content": _NO_FILTER,
        "parameter": Report(422, {"title": "Input validation failed", "detail": "- input.top_k: no"}, RequestRejected),
    },
    "huggingface": {
        "key": Report(401, {"error": "Invalid username or password."}, KeyRefused),
        "credit": Report(402, {"error": "You have exceeded your monthly included credits"}, QuotaExhausted),
        "rate": Report(429, {"error": "Rate limit reached. You reached free usage limit"}, RateLimited),
        "busy": Report(503, {"error": "Model m is currently loading", "estimated_time": 20.0}, Overloaded),
        "model": Report(
            400,
            _openai(
                "The requested model 'm' is not supported by any provider you have enabled.", "model_not_supported"
            ),
            ModelNotFound,
        ),
        "length": Report(
            422, {"error": "Input validation error: given 9000 `inputs` tokens, context window 8192"}, ContextTooLong
        ),
        "content": _NO_FILTER,
        "parameter": Report(422, {"error": "`top_logprobs` must be <= 5", "error_type": "validation"}, RequestRejected),
    },
    "cohere": {
        "key": Report(401, {"message": "invalid api token"}, KeyRefused),
        "credit": Report(402, {"message": "Please add a payment method"}, QuotaExhausted),
        "rate": Report(
            429, {"message": "You are using a Trial key, which is limited to 20 API calls / minute"}, RateLimited
        ),
        "busy": Report(500, {"message": "internal server error"}, Overloaded),
        "model": Report(
            404, {"message": "model 'x' not found, make sure the correct model ID was used"}, ModelNotFound
        ),
        "length": Report(400, {"message": "too many tokens: total number of tokens in the prompt"}, ContextTooLong),
        "content": _NO_FILTER,
        "parameter": Report(
            400,
            {"message": "invalid request: frequency_penalty and presence_penalty cannot both be set"},
            RequestRejected,
        ),
    },
    "openrouter": {
        "key": Report(401, _openrouter(401, "No auth credentials found"), KeyRefused),
        "credit": Report(
            402, _openrouter(402, "This request requires more credits, or fewer max_tokens"), QuotaExhausted
        ),
        "rate": Report(429, _openrouter(429, "m is temporarily rate-limited upstream", raw="busy"), RateLimited),
        "busy": Report(502, _openrouter(502, "Provider returned error", error_type="provider_overloaded"), Overloaded),
        "model": Report(400, _openrouter(400, "gpt-7 is not a valid model ID"), ModelNotFound),
        "length": Report(400, _openrouter(400, "This endpoint's maximum context length is 9 tokens."), ContextTooLong),
        "content": Report(
            403, _openrouter(403, "Your input was flagged", reasons=["violence"], flagged_input="…"), ContentRefused
        ),
        "parameter": Report(
            400,
            _openrouter(
                400,
                "Provider returned error",
                raw='{"error":{"message":"Unsupported parameter: \'top_a\'","param":"top_a"}}',
            ),
            RequestRejected,
        ),
    },
    "mistral": {
        "key": Report(401, {"message": "Unauthorized", "request_id": "1"}, KeyRefused),
        "credit": Report(402, {"object": "error", "message": "Payment required", "type": "billing"}, QuotaExhausted),
        "rate": Report(429, {"message": "Requests rate limit exceeded"}, RateLimited, {"retry-after": "60"}, 60),
        "busy": Report(
            429,
            {"object": "error", "message": "Service tier capacity exceeded", "type": "service_tier_capacity_exceeded"},
            Overloaded,
        ),
        "model": Report(
            400,
            {"object": "error", "message": "Invalid model: tiny", "type": "invalid_model", "code": "1500"},
            ModelNotFound,
        ),
        "length": Report(
            400,
            {
                "object": "error",
                "message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
            },
            ContextTooLong,
        ),
        "content": _NO_FILTER,
        "parameter": Report(422, {"object": "error", "message": {"detail": [_FORBIDDEN]}}, RequestRejected),
    },
    "deepseek": {
        "key": Report(
            401, _openai("Authentication Fails, Your api key: ****ab is invalid", "invalid_request_error"), KeyRefused
        ),
        "credit": Report(
            402, _openai("Insufficient Balance", "invalid_request_error", "unknown_error"), QuotaExhausted
        ),
        "rate": Report(429, _openai("Rate Limit Reached", None, "rate_limit_reached"), RateLimited),
        "busy": Report(503, _openai("Service is too busy", "service_unavailable_error"), Overloaded),
        "model": Report(400, _openai("Model Not Exist", "invalid_request_error"), ModelNotFound),
        "length": Report(400, _openai(_WIDE_CONTEXT, "invalid_request_error"), ContextTooLong),
        "content": Report(400, _openai("Content Exists Risk", "invalid_request_error"), ContentRefused),
        "parameter": Report(
            400, _openai("This response_format type is unavailable now", "invalid_request_error"), RequestRejected
        ),
    },
    "xai": {
        "key": Report(
            400,
            {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***y."},
            KeyRefused,
        ),
        "credit": Report(
            403,
            {
                "code": "The caller does not have permission",
                "error": "Your team has used all available credits or reached its monthly spending limit.",
            },
            QuotaExhausted,
        ),
        "rate": Report(
            429, {"code": "Some resource has been exhausted", "error": "Too many requests for team x"}, RateLimited
        ),
        "busy": Report(503, {"code": "The service is currently unavailable", "error": "at capacity"}, Overloaded),
        "model": Report(
            404,
            {"code": "Some requested entity was not found", "error": "The model grok-9 does not exist"},
            ModelNotFound,
        ),
        "length": Report(
            400,
            {
                "code": "Client specified an invalid argument",
                "error": "This model's maximum prompt length is 9: maximum context length",
            },
            ContextTooLong,
        ),
        "content": Report(
            403,
            {
                "code": "The caller does not have permission",
                "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK",
            },
            ContentRefused,
        ),
        "parameter": Report(
            400,
            {"code": "Client specified an invalid argument", "error": "Argument not supported on this model: stop"},
            RequestRejected,
        ),
    },
    "cerebras": {
        "key": Report(401, _top("Wrong API Key", "invalid_request_error", "wrong_api_key", "api_key"), KeyRefused),
        "credit": Report(402, _top("Payment required", "payment_required_error", "payment_required"), QuotaExhausted),
        "rate": Report(
            429,
            _top(
                "Requests per minute limit exceeded - too many requests sent.",
                "too_many_requests_error",
                "request_quota_exceeded",
            ),
            RateLimited,
            {"x-ratelimit-reset-requests-day": "33011.382867"},
        ),
        "busy": Report(503, _top("Service temporarily overloaded", "service_unavailable_error", "x"), Overloaded),
        "model": Report(
            404,
            _top("Model x does not exist or you do not have access", "not_found_error", "model_not_found"),
            ModelNotFound,
        ),
        "length": Report(
            400,
            _top(
                "Please reduce the length of the messages or completion.",
                "invalid_request_error",
                "context_length_exceeded",
            ),
            ContextTooLong,
        ),
        "content": _NO_FILTER,
        "parameter": Report(
            400,
            _top("body.top_a: property is unsupported", "invalid_request_error", "wrong_api_format"),
            RequestRejected,
        ),
    },
    "sambanova": {
        "key": Report(401, {"error": "Invalid API key"}, KeyRefused),
        "credit": Report(402, {"error": {"message": "Insufficient balance", "type": "billing"}}, QuotaExhausted),
        "rate": Report(429, {"error": "rate limit exceeded"}, RateLimited, {"retry-after": "-1"}),
        "busy": Report(503, {"error": {"message": "All replicas are busy", "type": "server_error"}}, Overloaded),
        "model": Report(410, {"error": "The model has been removed"}, ModelNotFound),
        "length": Report(400, _openai(_WIDE_CONTEXT), ContextTooLong),
        "content": _NO_FILTER,
        "parameter": Report(400, {"error": {"message": "Invalid value for top_k", "param": "top_k"}}, RequestRejected),
    },
    "nvidia": {
        "key": Report(401, _nim(401, "Unauthorized", "Bearer token is not valid"), KeyRefused),
        "credit": Report(402, _nim(402, "Payment Required", "Account 'x': Cloud credits expired"), QuotaExhausted),
        "rate": Report(429, _nim(429, "Too Many Requests", "slow down"), RateLimited, {"retry-after": "999999"}),
        "busy": Report(503, _nim(503, "Service Unavailable", "worker is gone"), Overloaded),
        "model": Report(404, _nim(404, "Not Found", "Function 'x': Not found for account 'y'"), ModelNotFound),
        "length": Report(400, {"object": "error", "message": _WIDE_CONTEXT, "code": 400}, ContextTooLong),
        "content": _NO_FILTER,
        "parameter": Report(422, {"detail": [_FORBIDDEN]}, RequestRejected),
    },
    "moonshot": {
        "key": Report(401, _openai("Invalid Authentication", None, "invalid_authentication_error"), KeyRefused),
        "credit": Report(
            429, _openai("Your account is suspended", None, "exceeded_current_quota_error"), QuotaExhausted
        ),
        "rate": Report(
            429,
            _openai("max RPM: 3, please try again after 1 seconds", None, "rate_limit_reached_error"),
            RateLimited,
            {},
            1,
        ),
        "busy": Report(429, _openai("The engine is currently overloaded", None, "engine_overloaded_error"), Overloaded),
        "model": Report(
            404, _openai("Not found the model x or Permission denied", None, "resource_not_found_error"), ModelNotFound
        ),
        "length": Report(
            400, _openai("Invalid request: Your request exceeded model token limit: 8192"), ContextTooLong
        ),
        "content": Report(
            400,
            _openai("The request was rejected because it was considered high risk", None, "content_filter"),
            ContentRefused,
        ),
        "parameter": Report(400, _openai("invalid temperature: only 1 is allowed for this model"), RequestRejected),
    },
    "poe": {
        "key": Report(401, _openai("Invalid API key", 401, "authentication_error"), KeyRefused),
        "credit": Report(402, _openai("Your point balance is too low", 402, "insufficient_credits"), QuotaExhausted),
        "rate": Report(
            429, _openai("Too many requests", 429, "rate_limit_error"), RateLimited, {"retry-after": "2"}, 2
        ),
        "busy": Report(529, _openai("Upstream is overloaded", 529, "overloaded_error"), Overloaded),
        "model": Report(404, _openai("No such bot", "model_not_found", "not_found_error"), ModelNotFound),
        "length": Report(413, _openai("Request too large", 413, "request_too_large"), ContextTooLong),
        "content": Report(403, _openai("Blocked by moderation", 403, "moderation_error"), ContentRefused),
        "parameter": Report(400, _openai("malformed JSON or missing fields", 400), RequestRejected),
    },
    "vllm": {
        "key": Report(401, {"error": "Unauthorized"}, KeyRefused),
        "credit": _FREE,
        "rate": _NO_LIMIT,
        "busy": Report(503, "", Overloaded),
        "model": Report(
            404,
            {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404},
            ModelNotFound,
        ),
        "length": Report(
            400,
            {
                "error": {
                    "message": "The decoder prompt (length 5000) is longer than the maximum model length of 4096",
                    "code": 400,
                }
            },
            ContextTooLong,
        ),
        "content": _NO_FILTER,
        "parameter": Report(
            400,
            {
                "object": "error",
                "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'top_a'), 'msg': 'x', 'input': 1}]",
            },
            RequestRejected,
        ),
    },
    "lmstudio": {
        "key": _NO_KEY,
        "credit": _FREE,
        "rate": _NO_LIMIT,
        "busy": Report(500, {"error": "The model has crashed without additional information."}, Overloaded),
        "model": Report(
            400, {"error": "Invalid model identifier 'x'. Please specify a valid downloaded model"}, ModelNotFound
        ),
        "length": Report(
            400,
            {"error": "Trying to keep the first 9000 tokens when context the overflows. However, only 4096"},
            ContextTooLong,
        ),
        "content": _NO_FILTER,
        "parameter": Report(400, {"error": "'response_format.type' must be 'json_schema'"}, RequestRejected),
    },
    "llamacpp": {
        "key": Report(
            401, {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}, KeyRefused
        ),
        "credit": _FREE,
        "rate": _NO_LIMIT,
        "busy": Report(
            503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, Overloaded
        ),
        "model": Report(
            404, {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}, ModelNotFound
        ),
        "length": Report(
            400,
            {
                "error": {
                    "code": 400,
                    "message": "the request exceeds the available context size",
                    "type": "exceed_context_size_error",
                }
            },
            ContextTooLong,
        ),
        "content": _NO_FILTER,
        "parameter": Report(
            500,
            {"error": {"code": 500, "message": "tools param requires --jinja flag", "type": "server_error"}},
            Overloaded,
        ),
    },
    "litellm": {
        "key": Report(
            401, _openai("Authentication Error, Invalid proxy server token passed", "401", "auth_error"), KeyRefused
        ),
        "credit": Report(
            400, _openai("Budget has been exceeded! Current cost: 2", "400", "budget_exceeded"), QuotaExhausted
        ),
        "rate": Report(429, _openai("Rate limited", "429", "throttling_error"), RateLimited, {"retry-after": "4"}, 4),
        "busy": Report(503, _openai("No deployments available for selected model", "503", "None"), Overloaded),
        "model": Report(400, _openai("Invalid model name passed in model=x. Call /v1/models", "400"), ModelNotFound),
        "length": Report(
            400, _openai("litellm.ContextWindowExceededError: litellm.BadRequestError: no", "400"), ContextTooLong
        ),
        "content": Report(400, _openai("litellm.ContentPolicyViolationError: no", "400"), ContentRefused),
        "parameter": Report(
            400,
            _openai("litellm.UnsupportedParamsError: m does not support parameters: ['top_a']", "400"),
            RequestRejected,
        ),
    },
}
