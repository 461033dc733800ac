"""Every question can be asked of every study, and its program gives what it promises."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import yaml

from taskkit.analysis.bank import read_bank
from taskkit.analysis.parameter import spoken
from taskkit.analysis.program import program
from taskkit.analysis.question import Question, ask, ask_anew
from taskkit.analysis.recipes import LUNG, RECIPES
from taskkit.analysis.solving import OrderError, run, solve
from taskkit.analysis.values import VagueError, as_json, object_answer, tolerance, values_oracle
from taskkit.errors import SpecError
from taskkit.oracles.evidence import Evidence
from taskkit.oracles.example import Example
from taskkit.oracles.values import ValuesJudge
from tests.analysis.conftest import DOMAIN

BANK = read_bank(DOMAIN)
NAMES = list(BANK)


def asked(name: str, place: int = 0) -> Question:
    return ask(BANK[name], RECIPES[place], Random(name))


def test_there_are_sixty_questions_at_least_in_several_phrasings() -> None:
    assert len(BANK) >= 60
    assert all(len(set(entry.question.texts)) >= 2 for entry in BANK.values())
    assert len({entry.group for entry in BANK.values()}) == 12


def test_no_sentence_is_left_that_no_question_needs() -> None:
    used = {name for entry in BANK.values() for name in entry.question.conventions}
    sentences = yaml.safe_load((DOMAIN / "bank" / "conventions.yaml").read_text("utf-8"))
    assert used == set(sentences)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_can_be_asked_of_every_study(name: str) -> None:
    for recipe in RECIPES:
        question = ask(BANK[name], recipe, Random(name))
        assert "{" not in question.text
        assert recipe.name in question.text
        assert compile(question.code(), name, "exec")


@pytest.mark.parametrize("name", NAMES)
def test_a_program_gives_the_values_that_are_asked_for(name: str, studies: Path) -> None:
    question = asked(name, NAMES.index(name) % len(RECIPES))
    members = question.entry.question.answer
    found = run(question, studies)
    assert list(found) == [member.name for member in members]
    example = Example(object_answer(members, found), values_oracle(members, found))
    judge = ValuesJudge()
    assert not list(judge.faults(example))
    assert judge.judge(example, Evidence(json.dumps(found).encode())).reward == 1.0


def test_a_program_reads_only_the_tables_that_it_needs() -> None:
    code = asked("at_risk").code()
    assert "clinical_patient" in code
    assert "mutations" not in code
    assert "SUBTYPE =" not in code


def with_program(name: str, code: str) -> Question:
    question = asked(name)
    return replace(question, entry=replace(question.entry, program=code))


def test_an_answer_that_hangs_on_the_order_of_rows_is_found(studies: Path, shuffled: Path) -> None:
    solve(asked("lost_rows"), studies, shuffled)
    first = 'list(patients["ECOG"].head(9))'
    code = f'answer = {{"holes": {first}, "complete": 5, "complete_share": 0.5}}'
    with pytest.raises(OrderError, match="holes"):
        solve(with_program("missing_values", code), studies, shuffled)


def test_a_program_that_gives_other_values_is_found(studies: Path, shuffled: Path) -> None:
    code = 'answer = {"median_follow_up": 1.0, "censored": 1, "naive_median": 2.0}'
    with pytest.raises(ValueError, match="the program gives median_follow_up, censored"):
        solve(with_program("follow_up", code), studies, shuffled)


@pytest.mark.parametrize(
    ("value", "message"),
    [("float('nan')", "a value is nan"), ("float('inf')", "a value is inf"), ("None", "NoneType")],
)
def test_a_value_that_is_none_is_found(
    value: str, message: str, studies: Path, shuffled: Path
) -> None:
    code = f'answer = {{"holes": [1, 2, 3, 4], "complete": {value}, "complete_share": 0.5}}'
    with pytest.raises(VagueError, match=message):
        solve(with_program("missing_values", code), studies, shuffled)


def test_an_answer_of_nothing_is_found(studies: Path, shuffled: Path) -> None:
    code = 'answer = {"holes": [], "complete": 0, "complete_share": 0.5}'
    with pytest.raises(VagueError, match="most of its values are nothing"):
        solve(with_program("missing_values", code), studies, shuffled)


def test_a_number_that_nothing_is_near_enough_to_is_found(studies: Path, shuffled: Path) -> None:
    code = 'answer = {"holes": [1, 2, 3, 4], "complete": 5, "complete_share": 0.00004}'
    with pytest.raises(VagueError, match="complete_share is 4e-05, which 0 is near enough to"):
        solve(with_program("missing_values", code), studies, shuffled)


def test_a_program_that_fails_is_told_with_its_error(studies: Path) -> None:
    question = with_program("missing_values", 'answer = patients["NO_SUCH"]')
    with pytest.raises(ValueError, match="KeyError: 'NO_SUCH'"):
        run(question, studies)


def test_half_a_unit_of_the_last_place_is_accepted() -> None:
    members = {member.name: member for member in BANK["median_by_mutation"].question.answer}
    assert tolerance(members["median_wild"]).absolute == pytest.approx(0.0051)
    assert tolerance(members["p_value"]).relative == pytest.approx(0.00051)
    assert tolerance(members["mutated"]).absolute == 0


def test_parameters_suit_their_study() -> None:
    for recipe in RECIPES:
        known = {driver.gene for driver in recipe.drivers}
        for number in range(20):
            question = ask(BANK["pair_scan"], recipe, Random(number))
            genes = question.parameters["genes"]
            assert isinstance(genes, list)
            assert set(map(str, genes)) <= known - {"TERT"}
            assert len(set(genes)) == len(genes) >= 3


def test_a_phrase_names_its_values() -> None:
    assert spoken(["A", "B", "C"]) == "A, B and C"
    assert spoken(12) == "12"
    assert as_json({"a": (1, 2.00000000004)}) == {"a": [1, 2.0]}


def test_phrasings_and_studies_vary() -> None:
    texts = [ask(BANK["top_genes"], LUNG, Random(n)).text for n in range(60)]
    assert len({text.split("?")[0].split(".")[0] for text in texts}) > 12
    spread = Counter("luad_tarn_2020" in text.split("The tables of")[0] for text in texts)
    assert spread[False] > spread[True]


def test_a_question_is_asked_anew_for_other_parameters() -> None:
    entry = BANK["objective_rate"]
    asked_ = [ask_anew(entry, LUNG, "seed", turn) for turn in range(3)]
    arms = [None if one is None else one.parameters["arm"] for one in asked_]
    assert set(arms[:2]) == set(LUNG.arms)
    assert arms[2] is None
    genes = [ask_anew(BANK["hotspot"], LUNG, "seed", turn) for turn in range(3)]
    assert len({str(one.parameters) for one in genes if one is not None}) == 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("bank", "programs"):
        shutil.copytree(DOMAIN / part, tmp_path / part)
    return tmp_path


def test_a_question_without_a_program_is_found(folder: Path) -> None:
    (folder / "programs" / "hotspot.py").unlink()
    with pytest.raises(SpecError, match=r"mutation\.yaml: hotspot: FileNotFoundError"):
        read_bank(folder)


def test_a_program_without_a_question_is_found(folder: Path) -> None:
    (folder / "programs" / "idle.py").write_text("answer = {}\n")
    with pytest.raises(SpecError, match=r"idle\.py: no question names it"):
        read_bank(folder)


def test_an_unknown_convention_is_found(folder: Path) -> None:
    path = folder / "bank" / "clinical.yaml"
    path.write_text(path.read_text().replace("[quantiles]", "[quantile]", 1))
    with pytest.raises(SpecError, match="convention 'quantile': not there"):
        read_bank(folder)


def test_a_brace_that_means_nothing_is_found(folder: Path) -> None:
    path = folder / "bank" / "clinical.yaml"
    path.write_text(path.read_text().replace("{study}", "{studio}"))
    with pytest.raises(SpecError, match=r"bank: baseline: \{studio\}: no such name"):
        ask(read_bank(folder)["baseline"], LUNG, Random(0))


def test_a_whole_program_stands_by_itself() -> None:
    code = program(LUNG, {"gene": "KRAS"}, 'answer = {"n": len(calls[calls["x"] == gene])}')
    assert code.startswith("import pandas as pd\n\nplace = '/data/luad_tarn_2020_data_'\n")
    assert "gene = 'KRAS'" in code
    assert "calls = mutations[counted].drop_duplicates()" in code
