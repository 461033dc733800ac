"""A promise of an opening that the task does not keep is found."""

from __future__ import annotations

import pytest

from taskkit.play.stage import Stage
from taskkit.sql.guide.database import DatabaseGuide
from taskkit.testing.openings import broken_promises
from tests.play.hospital import task


def test_an_opening_that_keeps_its_word_has_no_fault(stage: Stage, sha256: str) -> None:
    with stage.episode(task(sha256)) as episode:
        assert broken_promises(episode) == []


def test_a_topic_that_nothing_answers_is_found(
    stage: Stage, sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie = '{"action": "request_info", "about": "metadata"} tells what the server can do'
    monkeypatch.setattr(DatabaseGuide, "usage", lie)
    with stage.episode(task(sha256)) as episode:
        (found,) = broken_promises(episode)
    assert 'promises {"action": "request_info", "about": "metadata"}, which is refused' in found


def test_an_action_that_is_not_named_is_found(
    stage: Stage, sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseGuide, "usage", "")
    with stage.episode(task(sha256)) as episode:
        (found,) = broken_promises(episode)
    assert found.endswith("request_info is allowed, and the opening does not name it")
