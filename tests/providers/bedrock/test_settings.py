"""The entry of Bedrock: what it may say, which models it knows by short names, and what has to be installed."""

import pytest

from utils.providers.bedrock import settings
from utils.providers.bedrock.models import ALIASES, full_id
from utils.providers.kinds import KINDS
from utils.registry import ProviderConfig

ROLE = "arn:aws:iam::123456789012:role/bots"


def entry(**fields):
    return ProviderConfig.model_validate({"name": "b", "kind": "bedrock", "settings": fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"region": "us-east-1", "profile": "work", "stream": False},
        {"role": ROLE, "external_id": "x", "sts_endpoint": "https://sts.us-east-1.amazonaws.com"},
        {"guardrail": {"id": "g"}},
    ],
)
def test_good_settings_pass(fields):
    assert KINDS["bedrock"].wrong_settings(entry(**fields)) is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"regoin": "x"}, "`regoin` is not a known key of `settings`. Did you mean `region`?"),
        (
            {"guardrail": {"id": "g", "verson": 1}},
            "`guardrail.verson` is not a known key of `settings`. Did you mean `version`?",
        ),
        ({"guardrail": {}}, "`settings`: `guardrail.id` is missing"),
        (
            {"role": "bots"},
            "`settings`: `role` should be the ARN of a role, such as arn:aws:iam::123456789012:role/bots",
        ),
        ({"stream": "sometimes"}, "`settings`: `stream` should be true or false"),
        ({"region": ["a"]}, "`settings`: `region` is not of the right kind"),
        ({"external_id": "x"}, "`external_id` and `sts_endpoint` have no meaning without `role`"),
    ],
)
def test_a_mistake_in_the_settings_is_named(fields, sentence):
    assert KINDS["bedrock"].wrong_settings(entry(**fields)) == sentence


def test_what_has_to_be_installed_is_said(monkeypatch):
    monkeypatch.setattr(settings, "_is_installed", lambda: False)

    assert KINDS["bedrock"].why_not_ready(entry()) == (
        "aiobotocore is not installed (`pip install -r requirements-bedrock.txt`)"
    )


def test_what_is_installed_is_ready():
    assert KINDS["bedrock"].why_not_ready(entry()) is None


@pytest.mark.parametrize(
    ("name", "region", "model"),
    [
        ("claude", "us-east-1", "us.anthropic.claude-haiku-5-5"),
        ("Claude", "ca-central-1", "us.anthropic.claude-haiku-5-5"),
        ("claude", "eu-west-3", "eu.anthropic.claude-haiku-5-5"),
        ("claude", "ap-southeast-2", "global.anthropic.claude-haiku-5-5"),
        ("claude", "sa-east-1", "global.anthropic.claude-haiku-5-5"),
        ("claude", "us-gov-west-1", "us-gov.anthropic.claude-haiku-5-5"),
        ("nova-pro", "ap-northeast-1", "apac.amazon.nova-pro-v1:0"),
        ("nova-pro", "sa-east-1", "us.amazon.nova-pro-v1:0"),
        ("llama", "eu-west-1", "us.meta.llama4-maverick-17b-instruct-v1:0"),
        ("gpt-oss", "eu-central-1", "openai.gpt-oss-120b-1:0"),
        ("gpt-oss", "us-gov-west-1", "openai.gpt-oss-120b-1:0"),
        ("us.meta.llama3-3-70b-instruct-v1:0", "eu-west-1", "us.meta.llama3-3-70b-instruct-v1:0"),
    ],
)
def test_a_short_name_becomes_the_id_that_is_near_to_the_region(name, region, model):
    assert full_id(name, region) == model


def test_no_alias_looks_like_a_full_id():
    assert not [name for name in ALIASES if "." in name or ":" in name]
