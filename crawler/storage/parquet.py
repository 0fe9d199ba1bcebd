"""Write records as a Parquet file, in constant memory; needs pyarrow.

Columns have the types of the record's schema, which is read for them: times are
timestamps in UTC, lists are lists, and what they hold is structs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from crawler.core.errors import MissingPackage
from crawler.core.records import TIME, record_schema
from crawler.core.text import drop_surrogates

_ROWS = 2_000
_LETTERS = 8_000_000
"""How many rows, and how many letters of text, make a row group at most."""

_TIME = "timestamp"
_PLAIN = {"integer": "int64", "number": "float64", "boolean": "bool_"}


def write_parquet(records: Iterable[dict[str, Any]], file: BinaryIO) -> int:
    """Write records, as many as there are, one row group after the other.

    Args:
        records: the records.
        file: written from its present place on; a pipe will do.

    Returns:
        How many there were.

    Raises:
        MissingPackage: pyarrow is not installed.
    """
    arrow, parquet = _libraries()
    schema = record_schema()
    kinds = {name: _kind(each, schema) for name, each in schema["properties"].items()}
    fields = [(name, _arrow_type(arrow, kind)) for name, kind in kinds.items()]
    columns = arrow.schema(fields)
    count = 0
    with parquet.ParquetWriter(file, columns, compression="zstd") as writer:
        for rows in _row_groups(records):
            count += len(rows)
            typed = [
                {name: _value(kinds[name], row[name]) for name in kinds} for row in rows
            ]
            writer.write_table(arrow.Table.from_pylist(typed, schema=columns))
    return count


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingPackage("pyarrow", "requirements-parquet.txt") from error
    return pa, parquet


def _row_groups(records: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    letters = 0
    for record in records:
        rows.append(record)
        letters += len(record["html"]) + len(record["text"])
        if len(rows) == _ROWS or letters >= _LETTERS:
            yield rows
            rows, letters = [], 0
    if rows:
        yield rows


def _kind(field: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Reduce a field of the JSON Schema to a name, a list of a kind, or a dict."""
    if "$ref" in field:
        field = schema["$defs"][field["$ref"].rpartition("/")[2]]
    for one in field.get("anyOf", ()):  # A field that may be null.
        if one["type"] != "null":
            return _kind(one, schema)
    if field["type"] == "array":
        return [_kind(field["items"], schema)]
    if field["type"] == "object":
        return {name: _kind(f, schema) for name, f in field["properties"].items()}
    if field["type"] == "string":
        return _TIME if field.get("pattern") == TIME else "string"
    return _PLAIN[field["type"]]


def _arrow_type(arrow: Any, kind: Any) -> Any:
    if isinstance(kind, list):
        return arrow.list_(_arrow_type(arrow, kind[0]))
    if isinstance(kind, dict):
        return arrow.struct([(n, _arrow_type(arrow, k)) for n, k in kind.items()])
    if kind == _TIME:
        return arrow.timestamp("ms", tz="UTC")
    return getattr(arrow, kind)()


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, list):
        return [_value(kind[0], each) for each in value]
    if isinstance(kind, dict):
        return {name: _value(each, value[name]) for name, each in kind.items()}
    if kind == _TIME:
        return datetime.fromisoformat(value)
    return drop_surrogates(value) if kind == "string" else value
