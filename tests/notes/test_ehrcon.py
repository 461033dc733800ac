"""`taskkit build ehrcon`: from a hospital's records to tasks over notes."""

from __future__ import annotations

import re
import sqlite3
from array import array
from collections import Counter, defaultdict
from pathlib import Path
from zlib import crc32

import pytest

from taskkit.audit.likeness import alike
from taskkit.audit.probe import Subject
from taskkit.build.domain import domain
from taskkit.build.driver import Order, run
from taskkit.notes.copies import copies
from taskkit.notes.note import Note
from taskkit.spec.oracle import ExactOracle
from taskkit.spec.task import TaskSpec
from taskkit.taskset.folder import Taskset
from taskkit.taskset.validate import validate
from tests.build.test_mimic import tree


def build(out: Path, source: Path, *, limit: int, jobs: int = 1) -> Path:
    chosen = domain("ehrcon")
    options = chosen.builder().Options(declared_open=True)
    run(Order(chosen, options, out, source=source, limit=limit, jobs=jobs))
    return out


@pytest.fixture(scope="module")
def taskset(tmp_path_factory: pytest.TempPathFactory, hospital: Path) -> Path:
    return build(tmp_path_factory.mktemp("built") / "ehrcon", hospital, limit=180)


@pytest.fixture(scope="module")
def tasks(taskset: Path) -> list[TaskSpec]:
    return list(Taskset(taskset).specs())


def test_a_built_set_is_valid(taskset: Path) -> None:
    assert not validate(taskset, jobs=1).findings


def test_the_number_of_processes_changes_nothing(taskset: Path, hospital: Path) -> None:
    one = build(taskset.parent / "one", hospital, limit=20)
    assert tree(build(taskset.parent / "two", hospital, limit=20, jobs=2)) == tree(one)


def test_every_reference_finds_the_expected_rows(tasks: list[TaskSpec], hospital: Path) -> None:
    for task in tasks:
        code = getattr(task.reference.steps[0], "code", "")
        scope: dict[str, object] = {}
        exec(code.replace("/data/mimic_iii.sqlite", str(hospital)), scope)  # noqa: S102
        assert isinstance(task.oracle, ExactOracle)
        assert sorted(map(str, scope["answer"])) == sorted(  # type: ignore[call-overload]
            map(str, task.oracle.expected)  # type: ignore[arg-type]
        )


def test_a_patient_is_in_one_split(tasks: list[TaskSpec], hospital: Path) -> None:
    connection = sqlite3.connect(hospital)
    patients = dict(connection.execute("select hadm_id, subject_id from admissions"))
    splits = defaultdict(set)
    for task in tasks:
        hadm = int(task.provenance.record.split()[1])
        splits[patients[hadm]].add(task.split)
    assert all(len(one) == 1 for one in splits.values())


def test_agreement_is_rare_and_said_as_a_row_of_its_own(tasks: list[TaskSpec]) -> None:
    answers = [task.oracle.expected for task in tasks if isinstance(task.oracle, ExactOracle)]
    assert 0 < answers.count([[0, "none", None, None]]) <= 0.08 * len(tasks)
    assert all(answers)


def test_tasks_are_about_many_parts_of_a_note(tasks: list[TaskSpec]) -> None:
    counts = Counter(task.category for task in tasks)
    assert {"whole", "section", "span", "labs", "vitals", "drugs"} <= set(counts)


def test_a_note_has_the_length_of_a_real_one(notes: list[Note]) -> None:
    lengths = sorted(len(note.text.split()) for note in notes)
    assert lengths[len(lengths) // 20] >= 290
    assert lengths[-1] <= 1500


def test_notes_of_different_patients_are_no_copies(notes: list[Note]) -> None:
    signatures = [(note.subject, shingles(note.text)) for note in notes[::2]]
    closest = max(
        alike(one, other)
        for number, (subject, one) in enumerate(signatures)
        for patient, other in signatures[:number]
        if patient != subject
    )
    assert closest < 0.2


def test_a_copied_note_would_be_found(notes: list[Note]) -> None:
    text = notes[0].text
    assert alike(shingles(text), shingles(text.replace("was", "is", 5))) > 0.8


def test_a_note_copied_into_another_split_is_found(notes: list[Note]) -> None:
    texts = [("train", note.text) for note in notes[:9]]
    assert list(copies([*texts, *(("test", note.text) for note in notes[9:18])])) == []
    edited = re.sub(r"\d+", "7", notes[4].text).replace("was", "is", 9)
    [found] = copies([*texts, ("test", edited)])
    assert (found.place, found.of) == (9, 4)
    assert found.share > 0.8
    assert list(copies([*texts, ("train", edited)])) == []


def shingles(text: str) -> bytes:
    words = re.findall(r"\w+", text.lower())
    found = {crc32(" ".join(words[at : at + 3]).encode()) for at in range(len(words) - 2)}
    return array("I", sorted(found)).tobytes()


def test_the_words_of_notes_vary(notes: list[Note]) -> None:
    words = [re.findall(r"\w+", note.text.lower()) for note in notes]
    triples = [tuple(own[at : at + 3]) for own in words for at in range(len(own) - 2)]
    assert len(set(triples)) > 0.6 * len(triples)
    assert len({word for own in words for word in own if word.isalpha()}) > 3000


def test_the_probe_earns_a_task_that_a_guess_can_solve(tasks: list[TaskSpec]) -> None:
    [probe] = domain("ehrcon").probes()
    task = next(one for one in tasks if one.category == "drugs")
    subject = Subject.of(task)
    guesses = {one.rule: one.value for one in probe.attempts(subject)}  # type: ignore[attr-defined]
    numbers = [row[0] for row in guesses["everything disagrees, column 1"]]
    assert numbers == sorted(set(numbers))
    assert guesses["only the last disagrees, column 1"] == [[numbers[-1], "drug", None, None]]
    assert guesses["nothing disagrees"] == [[0, "none", None, None]]
