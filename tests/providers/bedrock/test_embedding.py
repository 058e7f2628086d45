"""Texts as vectors, of Titan and of Cohere."""

import pytest

from utils.errors import BrokenStream, ModelNotFound


async def test_titan_is_asked_for_each_text(bedrock_at, address, aws):
    aws.whole = {"embedding": [0.5, 1], "inputTextTokenCount": 3}

    vectors = await bedrock_at(address, embedding_model="titan-embed").embed(["a", "b"])

    assert vectors.vectors == ((0.5, 1.0), (0.5, 1.0))
    assert (vectors.model, vectors.usage.input_tokens) == ("amazon.titan-embed-text-v2:0", 6)
    assert aws.bodies == [{"inputText": "a"}, {"inputText": "b"}]
    assert aws.actions == ["invoke", "invoke"]


@pytest.mark.parametrize("embeddings", [[[1, 2], [3, 4]], {"float": [[1, 2], [3, 4]]}])
async def test_cohere_is_asked_for_many_at_once(bedrock_at, address, aws, embeddings):
    aws.whole = {"embeddings": embeddings}

    vectors = await bedrock_at(address).embed(["a", "b"], "cohere-embed")

    assert vectors.vectors == ((1.0, 2.0), (3.0, 4.0))
    assert [body["texts"] for body in aws.bodies] == [["a", "b"]]


async def test_a_vector_that_is_missing_is_noticed(bedrock_at, address, aws):
    aws.whole = {"embeddings": [[1, 2]]}

    with pytest.raises(BrokenStream) as caught:
        await bedrock_at(address).embed(["a", "b"], "cohere-embed")

    assert caught.value.provider == "bedrock"


@pytest.mark.parametrize("model", [None, "claude"])
async def test_without_a_model_for_vectors_there_are_none(bedrock_at, address, aws, model):
    with pytest.raises(ModelNotFound):
        await bedrock_at(address).embed(["a"], model)

    assert aws.requests == []
