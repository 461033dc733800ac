"""The report says what was found, leads from each number to its instances, and fits a phone."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from taskkit.audit.probe import probes
from taskkit.audit.quarantine import write_quarantine
from taskkit.report.report import GUESSES, MEASURES, write_report
from taskkit.taskset.filter import Filter
from taskkit.verify.proof import Proving
from taskkit.verify.results import Results
from taskkit.verify.verification import Verification, results_path
from tests.audit.test_bad_tasks import GOOD
from tests.audit.ward import audited, bad, build

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NEEDS_BROWSER = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here: apt-get install chromium"
)
NASTY = {**GOOD, "instruction": "<script>document.title = 'taken'</script> & what is 1 < 2?"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a set of two good tasks and some weak ones, verified and audited."""
    folder = tmp_path_factory.mktemp("report")
    taskset = build(
        folder / "set", [GOOD, {**NASTY, "split": "test"}, *bad("weak"), *bad("answer_in_prompt")]
    )
    results = Results(results_path(taskset))
    proving = Proving(taskset, folder / "cache", "subprocess", True, 1)
    Verification(proving, results, Filter(), "subprocess").run(1, fail_fast=False)
    results.close()
    audited(taskset)[1].close()
    write_quarantine(taskset)
    write_report(taskset, folder / "report.html")
    return folder / "report.html"


def test_every_link_leads_to_a_list_of_the_page(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r'href="#([^"]+)"', text.split("</nav>")[1]))
    assert len(targets) > 5
    assert targets <= set(re.findall(r'<details id="([^"]+)"', text))


def test_the_navigation_leads_to_every_section(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r'<a href="#([^"]+)">', text.split("<nav")[1].split("</nav>")[0])
    assert links == re.findall(r'<section id="([^"]+)">', text)
    assert {"section-categories", "section-histograms", "instances"} <= set(links)


def test_shares_have_their_number_and_interval(page: Path) -> None:
    text = page.read_text()
    assert "of the audited: 20.0%, 1 of 5, 95 %: 3.6 to 62.4 %" in text
    assert re.search(r"of the mutants killed<br><small>\d+ of \d+, 95 %: ", text)


def test_each_measure_has_a_histogram_of_the_audited_instances(page: Path) -> None:
    for title in MEASURES:
        assert f"<figcaption>{title} <small>n = 5, median" in page.read_text()


def test_the_findings_and_their_instances_are_named(page: Path) -> None:
    text = page.read_text()
    assert 'href="#finding-weak"' in text
    assert "How old was patient 1 at the first admission?" in text
    assert "proved: 1" in text


def test_every_probe_stands_in_the_soundness_table(page: Path) -> None:
    text = page.read_text()
    section = text.split("<h2>Agents that do not solve the task</h2>")[1].split("<h2>")[0]
    for probe in probes():
        assert (f"<td>{probe.name}</td>" in section) == (probe.name not in GUESSES)
    assert section.count(">none</span>") == len(probes()) - len(GUESSES)


def test_the_quarantine_names_tasks_with_their_reasons(page: Path) -> None:
    section = page.read_text().split("<h2>Quarantine</h2>")[1].split("<h2>")[0]
    assert '<td>weak</td><td>task</td><td class="n"><a href="#quarantine-task-weak">' in section


def test_surviving_mutants_are_listed_by_kind(page: Path) -> None:
    text = page.read_text()
    section = text.split("<h2>Mutants of the references</h2>")[1].split("<h2>")[0]
    assert "<td>sort</td><td>ward</td>" in section
    assert 'href="#mutants-ward-sort"' in section
    assert "weak: desc of admittime -&gt; true" in text


def test_answers_and_what_test_shares_with_train_are_told(page: Path) -> None:
    text = page.read_text()
    assert 'href="#answer-count"' in text
    assert "Of 1 audited instances of valid and test." in text


def test_the_isolation_of_each_result_is_told(page: Path) -> None:
    text = page.read_text()
    assert 'href="#sandbox-subprocess"' in text
    assert "none: programs run as the user" in text


def test_nothing_is_fetched_and_nothing_foreign_is_markup(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r'(?:src|href)\s*=\s*"(?!#)|url\(|@import|https?://', text)
    assert "<script>document.title" not in text
    assert "&lt;script&gt;document.title" in text


def test_an_instance_whose_audit_failed_has_no_measures_and_the_page_is_written(
    tmp_path: Path,
) -> None:
    taskset = build(tmp_path / "set", [GOOD])
    audit = audited(taskset)[1]
    audit.put(replace(next(iter(audit)), codes="sandbox_failed", facts="{}"))
    audit.close()
    write_report(taskset, tmp_path / "report.html")
    assert "sandbox_failed" in (tmp_path / "report.html").read_text()


def test_a_set_that_nobody_has_verified_says_so(tmp_path: Path) -> None:
    write_report(build(tmp_path / "set", [GOOD]), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "Not verified yet" in text
    assert "Not audited yet" in text


def rendered(page: Path, width: int, probe: str, tmp_path: Path) -> str:
    """Load the page in a browser, run a script in it, and give the title it leaves."""
    copy = tmp_path / "page.html"
    copy.write_text(
        page.read_text().replace("</body>", f"<script>document.title={probe}</script></body>")
    )
    return title(copy, width, tmp_path)


def title(page: Path, width: int, tmp_path: Path) -> str:
    """Load a page in a browser, and give its title once all of its scripts have run."""
    command = [
        str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu",
        f"--window-size={width},900", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        "--allow-file-access-from-files", f"file://{page}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert found, done.stderr[-500:]
    return found[1]


@pytest.mark.slow
@NEEDS_BROWSER
@pytest.mark.parametrize("width", [500, 1280])  # headless chromium is never narrower than 500
def test_in_a_browser_the_page_is_no_wider_than_the_screen(
    page: Path, tmp_path: Path, width: int
) -> None:
    probe = "[document.documentElement.scrollWidth <= innerWidth, innerWidth].join(' ')"
    assert rendered(page, width, probe, tmp_path) == f"true {width}"


@pytest.mark.slow
@NEEDS_BROWSER
@pytest.mark.parametrize("width", [360, 414])
def test_in_a_browser_the_page_fits_a_phone(page: Path, tmp_path: Path, width: int) -> None:
    """In a frame of a phone's width, since the browser's window cannot be as narrow."""
    inner = tmp_path / "inner.html"
    inner.write_text(page.read_text())
    tell = (
        "const inner = document.querySelector('iframe').contentDocument;"
        "const box = (e) => e.getBoundingClientRect();"
        "const text = [...inner.querySelectorAll('h1, h2, p, .card, summary')];"
        "const { scrollWidth, clientWidth } = inner.documentElement;"
        "document.title = [scrollWidth - clientWidth,"
        " text.filter((e) => box(e).right > clientWidth + 1).length,"
        " text.filter((e) => box(e).height > 0).length > 20].join(' ')"
    )
    outer = tmp_path / "outer.html"
    outer.write_text(
        f'<iframe src="inner.html" style="border:0;width:{width}px;height:800px"></iframe>'
        f"<title></title><script>addEventListener('load', () => {{ {tell} }})</script>"
    )
    assert title(outer, 1280, tmp_path) == "0 0 true"


@pytest.mark.slow
@NEEDS_BROWSER
def test_in_a_browser_every_link_opens_a_list_that_is_seen(page: Path, tmp_path: Path) -> None:
    probe = (
        "[...document.querySelectorAll('a:not(nav a)')].filter((link) => {"
        " location.hash = link.hash; open_target();"
        " const list = document.getElementById(decodeURIComponent(link.hash.slice(1)));"
        " return list && list.open && list.querySelector('li')"
        " && list.getBoundingClientRect().height > 30; }).length"
        " + ' ' + document.querySelectorAll('a:not(nav a)').length"
    )
    shown, links = rendered(page, 1280, probe, tmp_path).split()
    assert shown == links
    assert int(links) > 10


@pytest.mark.slow
@NEEDS_BROWSER
def test_in_a_browser_the_numbers_are_those_of_the_results(page: Path, tmp_path: Path) -> None:
    probe = "[...document.querySelectorAll('.card')].map((card) => card.innerText).join('|')"
    cards = rendered(page, 1280, probe, tmp_path).replace("\n", " ").split("|")
    assert cards[0].split() == ["5", "tasks"]
    assert "proved: 1" in cards[1]
    assert cards[2].split()[0] == "4"


@pytest.mark.slow
@NEEDS_BROWSER
def test_in_a_browser_a_number_opens_the_list_behind_it(page: Path, tmp_path: Path) -> None:
    probe = (
        "(location.hash = '#finding-weak', open_target(),"
        " document.getElementById('finding-weak').open"
        " + ' ' + document.querySelectorAll('#finding-weak li').length)"
    )
    opened, items = rendered(page, 1280, probe, tmp_path).split()
    assert opened == "true"
    assert int(items) >= 1
