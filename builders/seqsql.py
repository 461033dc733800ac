"""Dialogues over MIMIC-III: each question builds on the answers before it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from taskkit.build.domain import shipped
from taskkit.builders.mimic import MimicBuilder
from taskkit.sql.questions.published import Flavour


class SeqsqlBuilder(MimicBuilder):
    """Builds dialogues over the database of the domain mimic, from the same sources."""

    name = "seqsql"
    flavour: ClassVar[Flavour] = "ehr-seqsql"

    def home(self, folder: Path) -> Path:
        """Give the folder of the domain mimic."""
        return shipped() / "mimic"
