"""The namespace backend keeps what every backend promises."""

from __future__ import annotations

import pytest

from taskkit.sandbox.conformance import Conformance
from taskkit.sandbox.namespace import Namespace, availability

REASON = availability()

pytestmark = pytest.mark.skipif(
    REASON is not None, reason=f"no namespaces here; see docs/sandbox.md: {REASON}"
)


class TestNamespace(Conformance):
    @pytest.fixture(scope="class")
    @classmethod
    def backend(cls) -> Namespace:
        return Namespace()
