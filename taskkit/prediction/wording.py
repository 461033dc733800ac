"""What a prediction task says: the question, the files, the answer and how it is judged."""

from __future__ import annotations

from taskkit.oracles.metric import RANKING, MetricName
from taskkit.prediction.candidate import Files
from taskkit.prediction.definition import Definition, FeatureSet

METRICS: dict[MetricName, str] = {
    "auroc": "the area under the ROC curve (AUROC)",
    "auprc": "average precision (AUPRC)",
    "f1": "F1 of label 1",
    "accuracy": "accuracy, the share of rows with the right label",
    "concordance": "Harrell's concordance index",
}


def instruction(
    definition: Definition, what: FeatureSet, files: Files, key: str, rows: int, threshold: float
) -> str:
    """The whole task, without the form of the answer."""
    return "\n\n".join(
        (
            definition.text,
            listing(definition, what, files, key, rows),
            asked(definition, key, rows),
            judged(definition, threshold),
        )
    )


def listing(definition: Definition, what: FeatureSet, files: Files, key: str, rows: int) -> str:
    """What lies below /data."""
    span = f"{what.hours / 24:g} days" if what.hours > 72 else f"{what.hours:g} hours"
    if what.kind == "summary":
        held = (
            f"one row for each patient, of the {span} before the prediction: age in years, 1 in "
            "`female` for women, the last value and the mean of each measurement (`_last`, "
            "`_mean`), and how often each diagnosis or drug was recorded"
        )
    elif what.kind == "vector":
        held = "one row for each patient: a vector that encodes the record up to the prediction"
    elif what.step > 1:
        held = (
            f"a row for each patient and block of {what.step:g} hours of the {span} before the "
            "prediction (`hour` is the first hour of the block): the mean of each measurement"
        )
    else:
        held = (
            f"a row for each patient and hour of the {span} before the prediction (`hour` 0 is the "
            "oldest): age in years, 1 in `female` for women, and the mean of each measurement in "
            "that hour; an hour without any measurement has no row"
        )
    label = {
        "binary": "`label`, 1 for yes and 0 for no",
        "classes": "`label`, the name of the class",
        "findings": "a column for each finding, 1 for yes and 0 for no",
        "survival": "`time`, hours until death or the end of observation, and `event`, 1 for death",
    }[definition.target]
    return (
        f"The files below /data are CSV tables by `{key}`:\n"
        f"- {files.features}: {held}. An empty cell was not measured.\n"
        f"- {files.train}: those to learn from, with the time of the prediction and {label}.\n"
        f"- {files.rows}: the {rows:,} to predict, with the time of the prediction."
    )


def asked(definition: Definition, key: str, rows: int) -> str:
    """What is to be predicted for each row."""
    outputs = [f"`{name}`" for name in definition.outputs]
    if definition.metric not in RANKING:
        what = f"its label in {outputs[0]}"
    elif len(outputs) > 1:
        what = (
            f"a score for each of {', '.join(outputs)}, higher where it is likelier; the scores of "
            "a row need not sum to 1"
        )
    elif definition.target == "survival":
        what = f"a score in {outputs[0]}, higher where death comes earlier"
    else:
        what = f"a score in {outputs[0]}, higher where yes is likelier"
    listed = ", ".join((f"`{key}`", *outputs))
    where = f" as a CSV table with the columns {listed}" if definition.answer == "file" else ""
    return f"Give each of the {rows:,} patients once{where}: {what}."


def judged(definition: Definition, threshold: float) -> str:
    """How it is judged."""
    mean = ""
    if len(definition.outputs) > 1:
        mean = ", one against the rest, as the mean over the columns"
    refused = (
        " A missing, doubled or unknown patient, an empty or infinite score, and scores of only "
        "one or two values are refused."
        if definition.metric in RANKING
        else " A missing, doubled or unknown patient, and a label of another name are refused."
    )
    return (
        f"The predictions are judged by {METRICS[definition.metric]}{mean}, against labels that "
        f"you do not have; {threshold:g} or more is needed.{refused}"
    )
