"""`taskkit run`: a model, or another agent, over a taskset."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from taskkit.agents.endpoint.calls import Calls
from taskkit.agents.endpoint.endpoint import TIMEOUT_S, Address, Endpoint
from taskkit.agents.endpoint.pace import Pace
from taskkit.agents.endpoint.prices import pricing, read_prices
from taskkit.agents.model import ModelAgent, Sampling
from taskkit.agents.protocol import Casting, casting
from taskkit.audit.proof_status import ProofStatus, selection
from taskkit.cli import flags
from taskkit.cli.screen import CACHE, console, counts, print_json, table
from taskkit.errors import UsageError
from taskkit.run.failures import EXPLAINED
from taskkit.run.play import Cast
from taskkit.run.results import CALLS, Episodes, Row, settle
from taskkit.run.runner import Runner, Tally, chosen, jobs_of, stale
from taskkit.run.settings import Settings, run_folder
from taskkit.run.trajectory import Player
from taskkit.sandbox.choose import Choice, choose
from taskkit.taskset.folder import Taskset

CONCURRENCY = 16  # episodes at once; each has a warm sandbox
KEY = "OPENAI_API_KEY"


@click.command(
    epilog="\b\nExamples:\n"
    "  taskkit run tasks/mimic --model qwen3-8b --base-url http://127.0.0.1:8000/v1\n"
    "  taskkit run tasks/mimic --model gpt-5-mini --base-url https://api.openai.com/v1 \\\n"
    "      --count 200 -n 4 --temperature 0.7 --max-cost 5\n"
    "  taskkit run tasks/mimic --model qwen3-8b --base-url URL --without debugging\n"
    "  taskkit run tasks/mimic --agent reference --name ceiling"
)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--model", help="Name of the model, as its endpoint knows it.")
@click.option("--base-url", metavar="URL", help="An OpenAI-compatible endpoint, up to /v1.")
@click.option("--agent", help="An agent that is installed, in place of a model.")
@click.option(
    "--agent-option",
    "agent_options",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the agent is given; may be given again.",
)
@click.option("--name", help="Name of the run.  [default: the model's, with what is left out]")
@click.option(
    "-n",
    "--attempts",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Attempts at each task.",
)
@click.option(
    "--protocol",
    type=click.Choice(["tools", "text"]),
    default="tools",
    show_default=True,
    help="Actions as tool calls, or as JSON in the reply's text.",
)
@click.option("--temperature", type=click.FloatRange(0), help="[default: the endpoint's own]")
@click.option("--seed", type=int, help="Sent with each call; each attempt has the next one.")
@click.option("--max-steps", type=click.IntRange(1), help="Actions of an episode, at most.")
@click.option(
    "--max-tokens",
    type=click.IntRange(1),
    help="Tokens of an episode, requests and replies together.",
)
@click.option("--max-reply", type=click.IntRange(1), help="Tokens of one reply.")
@click.option(
    "--max-time",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Seconds that an episode may take.",
)
@click.option(
    "--max-cost",
    type=click.FloatRange(0, min_open=True),
    metavar="DOLLARS",
    help="What the whole run may cost; it stops there, and can go on later.",
)
@click.option(
    "--window",
    type=click.IntRange(256),
    metavar="TOKENS",
    help="The model's window: older results are left out to stay within it.",
)
@click.option(
    "--prices",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Your prices: `MODEL: {input: 0.5, output: 1.5}`, dollars per million tokens.",
)
@click.option(
    "--key-variable",
    default=KEY,
    show_default=True,
    metavar="NAME",
    help="The environment variable that holds the key.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 512),
    default=CONCURRENCY,
    show_default=True,
    help="Episodes at once.",
)
@click.option("--per-minute", type=click.IntRange(1), help="Calls that may begin in a minute.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=TIMEOUT_S,
    show_default=True,
    help="Seconds that one call may take.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["request_info", "terminal", "code_execution", "debugging"]),
    help="Take an action away; may be given again.",
)
@click.option("--feedback", type=click.Choice(["none"]), help="Tell no verdict of an answer.")
@flags.filters()
@click.option("--proved", is_flag=True, help="Only tasks that are proved: see `taskkit prove`.")
@click.option("--count", type=click.IntRange(1), help="So many of them, the same each time.")
@flags.sandbox("docker")
@flags.unsafe
@click.option("--resume/--fresh", default=True, help="Go on with the run, or start over.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def run(path: Path, filters: tuple[str, ...], sandbox: Choice, count: int | None,
        prices: Path | None, name: str | None, attempts: int, concurrency: int,
        max_cost: float | None, *, proved: bool, unsafe: bool, resume: bool, as_json: bool,
        **options: Any) -> int:  # fmt: skip
    """Play a taskset with a model, or with another agent, and keep every trajectory.

    Episodes are kept as they come, below PATH.results/runs/NAME. The same command goes on where an
    earlier one ended; no call that was answered is made again. Keys come from the environment.

    Exit codes: 0 every episode came to its end; 1 some have no result, since the endpoint, the
    sandbox or the agent failed, or the budget was used up; 2 usage; 3 the machine lacks something.
    """
    path = path.resolve()
    taskset = Taskset(path)
    backend = choose(sandbox, unsafe=unsafe)
    settings = _settings(options, backend.name)
    selected = selection(path, filters)
    sound = ProofStatus.of(path).proved if proved else None
    files = [
        file
        for file in taskset.paths()
        if selected.takes(file) and (sound is None or file.stem in sound)
    ]
    files = chosen(files, count)
    if not files:
        raise UsageError(f"{path}: no task to play: need filters that some task meets")
    folder = run_folder(path, name or settings.name())
    settle(folder, settings, fresh=not resume)
    episodes = Episodes(folder)
    try:
        episodes.forget(stale(episodes, taskset))
        with _casting(settings, folder, options, concurrency, prices, max_cost) as (cast, pace):
            player = Player(
                name=settings.agent, model=settings.model, protocol=settings.protocol,
                temperature=settings.temperature, seed=settings.seed,
            )  # fmt: skip
            actors = Cast(folder.name, cast, player, settings.options, backend)
            runner = Runner(taskset, settings, actors, CACHE, concurrency, max_cost)
            if pace is not None:
                runner.stop = pace.stopped
            tally = _play(runner, files, attempts, episodes, shown=not as_json)
        wanted = {f"{file.stem}.{n}" for file in files for n in range(1, attempts + 1)}
        rows = [row for row in episodes if row.id in wanted]
    finally:
        episodes.close()
    if as_json:
        print_json(_as_json(folder, settings, tally, rows))
    else:
        _show(folder, tally, rows)
    return 0 if tally.done == len(wanted) else 1


def _settings(options: Mapping[str, Any], sandbox: str) -> Settings:
    model, base_url = options["model"], options["base_url"]
    agent = options["agent"] or "model"
    if agent == "model" and not (model and base_url):
        raise UsageError("need --model NAME with --base-url URL, or --agent NAME")
    if agent != "model" and (model or base_url):
        raise UsageError(f"--agent {agent}: it has no --model and no --base-url")
    if agent == "model":
        Address(model, base_url, options["key_variable"])
    try:
        return Settings(
            agent=agent,
            options=dict(_pair(text) for text in options["agent_options"]),
            model=model,
            base_url=base_url,
            protocol=options["protocol"] if agent == "model" else None,
            temperature=options["temperature"],
            seed=options["seed"],
            max_steps=options["max_steps"],
            max_tokens=options["max_tokens"],
            max_reply=options["max_reply"],
            max_time=options["max_time"],
            window=options["window"],
            without=options["without"],
            feedback=options["feedback"],
            sandbox=sandbox,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"--{first['loc'][0]} {first['input']!r}: {first['msg']}") from error


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"--agent-option {text!r}: need NAME=VALUE")
    return name, value


@contextmanager
def _casting(
    settings: Settings, folder: Path, options: Mapping[str, Any], concurrency: int,
    prices: Path | None, max_cost: float | None,
) -> Iterator[tuple[Casting, Pace | None]]:  # fmt: skip
    """Give what makes the agents, and what paces their calls."""
    if settings.model is None or settings.base_url is None:
        if max_cost is not None:
            raise UsageError(f"--max-cost: agent {settings.agent} has no model that could cost")
        yield casting(settings.agent), None
        return
    address = Address(settings.model, settings.base_url, options["key_variable"])
    key = address.key(os.environ)
    priced = pricing(address.model, address.base_url, read_prices(prices) if prices else {})
    if max_cost is not None and priced is None:
        raise UsageError(f"--max-cost: no price of {address.model} is known: give --prices FILE")
    pace, calls = Pace(concurrency, options["per_minute"]), Calls(folder / CALLS)
    endpoint = Endpoint(
        address, key, pace=pace, calls=calls, pricing=priced, timeout_s=options["timeout"]
    )
    sampling = Sampling(
        protocol=settings.protocol or "tools", temperature=settings.temperature,
        reply_tokens=settings.max_reply, tokens=settings.max_tokens, time_s=settings.max_time,
        window=settings.window,
    )  # fmt: skip
    try:
        yield partial(ModelAgent, endpoint=endpoint, sampling=sampling), pace
    finally:
        pace.stopped.set()
        endpoint.close()
        calls.close()


def _play(
    runner: Runner, files: list[Path], attempts: int, episodes: Episodes, *, shown: bool
) -> Tally:
    """Play what is left to do, with a line on the screen that says how it goes."""
    jobs, known = jobs_of(files, attempts, episodes.current())
    kept, tally = set(known), runner.tally
    for row in episodes:
        if row.id in kept:
            tally.add(row)
    tally.known = len(known)
    screen = console(error=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("left"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=screen, disable=not (shown and screen.is_terminal)) as progress:
        bar = progress.add_task(progress_line(tally), total=len(jobs))

        def watch(row: Row) -> None:
            progress.update(bar, advance=1, description=progress_line(tally))

        return runner.run(jobs, episodes, watch) if jobs else tally


def progress_line(tally: Tally) -> str:
    """Say how a run goes."""
    parts = ["run"]
    if tally.success is not None:
        parts.append(f"success {tally.success:.1%}")
    if tally.priced:
        parts.append(f"${tally.cost:.2f}")
    if tally.void:
        parts.append(f"{tally.void} without result")
    return " · ".join(parts)


def _as_json(folder: Path, settings: Settings, tally: Tally, rows: list[Row]) -> dict[str, object]:
    done = [row for row in rows if row.done]
    return {
        "run": folder.name,
        "folder": str(folder),
        "settings": settings.model_dump(mode="json"),
        "episodes": len(done),
        "known": tally.known,
        "right": sum(row.reward >= 1.0 for row in done),
        "success": tally.success,
        "void": _tally(row.standing for row in rows if not row.done),
        "causes": _tally(row.cause for row in done if row.cause),
        "tokens": {
            "input": sum(row.input_tokens for row in done),
            "output": sum(row.output_tokens for row in done),
        },
        "cost": tally.cost if tally.priced else None,
        "stopped": tally.stopped or None,
    }


def _tally(values: Iterator[str] | Any) -> dict[str, int]:
    made: dict[str, int] = {}
    for value in values:
        made[value] = made.get(value, 0) + 1
    return dict(counts(made))


def _show(folder: Path, tally: Tally, rows: list[Row]) -> None:
    screen = console()
    causes = _tally(row.cause for row in rows if row.done and row.cause)
    if causes:
        told: list[tuple[object, ...]] = [
            (name, number, EXPLAINED[name]) for name, number in causes.items()
        ]
        screen.print(table("Not rewarded", ("cause", "episodes", "which means"), told))
    void = [row for row in rows if not row.done]
    for row in void[:5]:
        screen.print(f"{row.id}: {row.standing} failed: {row.detail}", markup=False, soft_wrap=True)
    success = "none played" if tally.success is None else f"{tally.success:.1%} rewarded"
    cost = f", ${tally.cost:.2f}" if tally.priced else ""
    screen.print(f"{tally.done:,} episodes ({tally.known:,} known before): {success}{cost}")
    if void:
        screen.print(f"{len(void):,} without a result: the same command plays them again")
    if tally.stopped:
        screen.print(f"stopped: {tally.stopped}", markup=False)
    screen.print(f"run: {folder}", soft_wrap=True)
