"""Labels are counted by category and cause, and a wrong one says both values."""

from __future__ import annotations

from taskkit.build.labels import Labelled, Labels, of_evidence

BMI = Labelled("a:1", "body_mass_index", "disagrees", "30", "24.7")
COMA = Labelled("a:2", "glasgow_coma", "disagrees", "17", "12", "verbal_twice", "label")
CHILD = Labelled("a:3", "glasgow_coma", "not_computable", cause="out_of_scope", detail="age 9")
FINE = Labelled("a:4", "body_mass_index", "agrees", "24.7", "24.7")


def table() -> Labels:
    made = Labels()
    for one in (BMI, COMA, CHILD, FINE):
        made.add(one)
    return made


def test_a_row_says_how_many_stand_and_why_the_others_do_not() -> None:
    assert list(table().rows()) == [
        ("body_mass_index", 2, 1, 1, 0, "1 no known cause"),
        ("glasgow_coma", 2, 0, 1, 1, "1 verbal_twice (label); 1 out_of_scope"),
    ]
    assert table().total == {"agrees": 1, "disagrees": 2, "not_computable": 1}
    assert table().unexplained == 1
    assert table().as_json()["unexplained"] == 1


def test_a_rejection_holds_both_values_and_can_be_read_back() -> None:
    rejection = COMA.rejection()
    assert rejection.code == "label_disagrees"
    assert rejection.detail == "label 17, computed 12: verbal_twice"
    assert rejection.evidence is not None
    assert of_evidence("a:2", rejection.evidence) == COMA
    assert CHILD.rejection().code == "not_computable"
    assert CHILD.rejection().detail == "out_of_scope: age 9"


def test_evidence_of_another_kind_is_no_label() -> None:
    assert of_evidence("a", {"query": "select 1"}) is None
    assert of_evidence("a", {"status": "agrees"}) is None
