"""Accept `{"abstain": true}` and nothing else: the data cannot answer the question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import JsonValue

from taskkit.oracles.document import MalformedError, parse
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.kind import Asked, Case, Fault, Fixtures, Judge
from taskkit.oracles.value import abstains
from taskkit.oracles.verdict import Verdict
from taskkit.spec.answer import IntegerAnswer
from taskkit.spec.oracle import AbstainOracle


class AbstainJudge(Judge[AbstainOracle]):
    """Rewards the agent that says that the data give no answer."""

    model: ClassVar[type[AbstainOracle]] = AbstainOracle

    def judge(self, asked: Asked, evidence: Evidence) -> Verdict:
        """Judge the answer document."""
        if evidence.document is None:
            return Verdict("missing", "no answer was left")
        try:
            if abstains(parse(evidence.document)):
                return Verdict("right", "abstained, as the data give no answer")
        except MalformedError as error:
            return Verdict("malformed", str(error))
        return Verdict("wrong", "an answer where the data give none")

    def expected(self, asked: Asked) -> JsonValue:
        """Give the document that abstains."""
        return {"abstain": True}

    def faults(self, asked: Asked) -> Iterator[Fault]:
        """Check that the agent may abstain."""
        if not asked.abstention:
            message = "abstain, but the agent may not abstain"
            yield Fault(("oracle", "kind"), message, "need abstention: true")

    def fixtures(self) -> Fixtures:
        """Give abstaining, answering and nonsense."""
        asked = Example(IntegerAnswer(kind="integer"), AbstainOracle(kind="abstain"), True)
        return Fixtures(
            full=[Case(asked, Evidence(b'{"abstain": true}'), 1.0)],
            zero=[Case(asked, Evidence(b"0"), 0.0), Case(asked, Evidence(b'{"abstain": 1}'), 0.0)],
            malformed=[Case(asked, Evidence(b"abstain"), 0.0), Case(asked, Evidence(None), 0.0)],
        )
