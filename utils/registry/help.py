"""The help that an editor shows for a field: the text under it in the code, which is read when somebody asks for it.

Pydantic can read it itself (`use_attribute_docstrings`), but does so whenever a server starts.
"""

import ast
from collections.abc import Iterator, Mapping
from inspect import cleandoc, getsource
from itertools import pairwise
from textwrap import dedent

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema


def texts_under_fields(model: type[BaseModel]) -> Mapping[str, str]:
    """The text under each field, those included that it has from others."""
    ours = [each for each in reversed(model.__mro__) if issubclass(each, BaseModel) and each is not BaseModel]
    return {name: text for each in ours for name, text in _texts_in(each)}


class SchemaWithHelp(GenerateJsonSchema):
    """A JSON Schema in which the help of a field is its description."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """The schema of one model."""
        described = super().model_schema(schema)
        for name, text in texts_under_fields(schema["cls"]).items():
            described["properties"][name].setdefault("description", text)
        return described


def _texts_in(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    tree = ast.parse(dedent(getsource(model)))
    lines = (line for each in tree.body if isinstance(each, ast.ClassDef) for line in each.body)
    for field, text in pairwise(lines):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, cleandoc(words)
