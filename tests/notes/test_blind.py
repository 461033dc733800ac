"""What a reader who has no database can tell of a statement: no more than chance."""

from __future__ import annotations

import re

import pytest

from taskkit.notes.note import Note

SENTENCE = re.compile(r"(?<=\.)\s+|\n")
MARK = re.compile(r"\[(\d+)\]")


def segments(note: Note) -> dict[int, str]:
    """The words of each statement, by its number."""
    found = {}
    for sentence in SENTENCE.split(note.text):
        at = 0
        for mark in MARK.finditer(sentence):
            found[int(mark[1])] = f"{sentence[at : mark.start()]} {sentence[mark.end() :][:60]}"
            at = mark.end()
    return found


def area(notes: list[Note], tell: str = "") -> float:
    """The area under the curve of a classifier of words, on patients that it has not seen.

    Args:
        tell: Put into every wrong statement, to see whether the classifier would notice.
    """
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear = pytest.importorskip("sklearn.linear_model")
    metrics = pytest.importorskip("sklearn.metrics")
    parts: dict[bool, tuple[list[str], list[bool]]] = {True: ([], []), False: ([], [])}
    for note in notes:
        texts, wrong = parts[note.subject % 3 == 0]
        said = segments(note)
        for one in note.told:
            wrong.append(bool(one.findings))
            texts.append(said[one.number] + (tell if one.findings else ""))
    words = text.TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
    model = linear.LogisticRegression(max_iter=300).fit(
        words.fit_transform(parts[False][0]), parts[False][1]
    )
    scores = model.predict_proba(words.transform(parts[True][0]))[:, 1]
    return float(metrics.roc_auc_score(parts[True][1], scores))


def test_a_classifier_of_the_words_alone_stays_near_chance(notes: list[Note]) -> None:
    assert 0.42 < area(notes) < 0.58


def test_a_classifier_would_see_a_word_that_gives_faults_away(notes: list[Note]) -> None:
    assert area(notes, tell=" reportedly") > 0.9
