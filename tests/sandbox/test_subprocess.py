"""The subprocess backend keeps what can be kept without isolation."""

from __future__ import annotations

import pytest

from taskkit.sandbox.conformance import Conformance
from taskkit.sandbox.subprocess import Subprocess


@pytest.mark.slow
class TestSubprocess(Conformance):
    isolated = False

    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Subprocess:
        return Subprocess()
