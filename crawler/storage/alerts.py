"""Remember which problems an operator has been told of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from crawler.core.alerts import Told
from crawler.storage.files import place_durably


class _Entry(BaseModel):
    """One of them, as it stands in the file."""

    line: str
    at: datetime


_FILE = TypeAdapter(dict[str, _Entry])


def read_told(folder: Path) -> dict[str, Told]:
    """Read what was told; where that cannot be known, it is nothing."""
    try:
        entries = _FILE.validate_json((folder / "alerts.json").read_bytes())
    except (OSError, ValidationError):
        return {}
    return {key: Told(each.line, each.at) for key, each in entries.items()}


def write_told(folder: Path, told: Mapping[str, Told]) -> None:
    """Write what was told, whole or not at all.

    Raises:
        StoreError: the disk refused.
    """
    entries = {key: _Entry(line=each.line, at=each.at) for key, each in told.items()}
    text = _FILE.dump_json(entries, indent=2).decode()
    place_durably([(folder / "alerts.json", f"{text}\n")], store=folder)
