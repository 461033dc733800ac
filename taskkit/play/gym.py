"""Tasks as a Gymnasium environment, over the same episodes as everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, get_args

from taskkit.errors import InternalError, MissingError, SandboxError, UsageError
from taskkit.play.episode import Episode
from taskkit.play.observation import Observation
from taskkit.play.stage import Stage
from taskkit.play.tools import system_prompt, tools
from taskkit.sandbox.choose import Choice, choose
from taskkit.sandbox.protocol import Backend
from taskkit.spec.task import Split, TaskSpec
from taskkit.taskset.filter import Filter
from taskkit.taskset.folder import Taskset

try:
    import gymnasium
    from gymnasium.envs.registration import EnvSpec
except ImportError as error:
    raise MissingError("gymnasium is not installed: pip install 'taskkit[gym]'") from error

NAME = "taskkit/Task-v0"
CACHE = Path("~/.cache/taskkit").expanduser()
MAX_OBSERVATION = 10_000_000  # characters; an opening holds whole documents
MAX_ACTION = 1_000_000  # characters; longer ones are refused by the episode in any case
EXAMPLES = (
    '{"action": "request_info", "about": "tables"}',
    '{"action": "request_info", "about": "search", "text": "aspirin"}',
    '{"action": "code_execution", "language": "sql", "code": "SELECT 1"}',
    '{"action": "code_execution", "language": "python", "code": "answer = 1", "submit": true}',
    '{"action": "terminal", "command": "ls /data"}',
    '{"action": "debugging"}',
)


class Prose(gymnasium.Space[str]):
    """Texts of any characters, which `gymnasium.spaces.Text` cannot hold."""

    def __init__(self, max_length: int, examples: tuple[str, ...], seed: int | None = None) -> None:
        """Make a space.

        Args:
            max_length: Characters of the longest text.
            examples: What `sample` draws from.
        """
        super().__init__(dtype=str, seed=seed)
        self.max_length = max_length
        self.examples = examples

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """Draw one of the examples."""
        return self.examples[int(self.np_random.integers(len(self.examples)))]

    def contains(self, x: Any) -> bool:
        """Say whether ``x`` is a text, and not too long."""
        return isinstance(x, str) and len(x) <= self.max_length

    @property
    def is_np_flattenable(self) -> bool:
        """A text has no fixed number of numbers."""
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prose) and self.max_length == other.max_length

    def __repr__(self) -> str:
        return f"Prose({self.max_length})"


class TaskEnv(gymnasium.Env[str, str]):
    """One task, or the tasks of a set drawn at random; an action is the JSON text of one.

    The observation is the text that an agent reads. `info` holds the task's `id`, the `status` of
    the action, and the steps and answers left; at the end also the `verdict`, the `share` of it
    that was right, the `rewards` of all turns and the `trajectory`. The reward comes with the step
    that ends the episode.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012  # as its base has it

    def __init__(
        self,
        source: Path | str,
        *,
        id: str | None = None,
        split: Split | None = None,
        filter: Sequence[str] | str = (),
        ids: Sequence[str] | None = None,
        sandbox: Choice | Backend = "auto",
        unsafe: bool = False,
        cache: Path | str = CACHE,
    ) -> None:
        """Open a taskset; no sandbox is started before the first reset.

        Args:
            source: Folder of the taskset.
            id: The task to play; each reset draws one where not given.
            split: Draw of this split alone: `train`, `valid` or `test`.
            filter: Draw of these alone, as the commands' `--filter` has it: `category=cost*`.
            ids: Draw of these alone.
            sandbox: Name of a backend, `auto` for the best there is, or a backend.
            unsafe: A backend without isolation will do.
            cache: Folder for search indexes.

        Raises:
            UsageError: there is no such taskset or task.
        """
        self.action_space = Prose(MAX_ACTION, EXAMPLES)
        self.observation_space = Prose(MAX_OBSERVATION, ("",))
        self._taskset = Taskset(path_of("source", source))
        self._paths = self._chosen(id, split, (filter,) if isinstance(filter, str) else filter, ids)
        if sandbox not in get_args(Choice) and not hasattr(sandbox, "worker"):
            raise UsageError(f"sandbox {sandbox!r}: need one of {', '.join(get_args(Choice))}")
        backend = choose(sandbox, unsafe=unsafe) if isinstance(sandbox, str) else sandbox
        store = path_of("cache", cache)
        self._stage = Stage(backend, self._taskset.asset, self._taskset.document, store)
        self._open: AbstractContextManager[Episode] | None = None
        self._episode: Episode | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode; `options={"id": ...}` names its task.

        Raises:
            UsageError: another option, or the id of no task.
        """
        super().reset(seed=seed)
        self._leave()
        if not isinstance(options, dict | None):
            raise UsageError(f"options {options!r}: need a dict, such as {{'id': ...}}, or none")
        if unknown := sorted(set(options or {}) - {"id"}, key=str):
            raise UsageError(f"options {unknown[0]!r}: unknown: need `id`, or none")
        spec = self._taskset.read(self._choose((options or {}).get("id")))
        self._open = self._stage.episode(spec)
        self._episode = self._open.__enter__()
        opening = self._episode.reset()
        return opening.text, run_info(spec, opening)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Carry out one action.

        Returns:
            The text, the reward (0.0 before the last step), whether the episode ended by an
            answer, whether it ended since the steps were used up, and `info`.

        Raises:
            UsageError: there is no episode, or it is over.
            SandboxError: the sandbox failed; reset starts a new episode in a new one.
            InternalError: a service met a bug of taskkit; reset starts a new episode.
        """
        if self._episode is None:
            raise UsageError("no episode has begun: call reset first")
        episode = self._episode
        try:
            observation = episode.step(action)
        except (SandboxError, InternalError):
            self._leave(*sys.exc_info())
            raise
        reward = episode.reward if episode.done else 0.0
        truncated = episode.done and not episode.answered
        info = run_info(episode.spec, observation) | (ended(episode) if episode.done else {})
        return observation.text, reward, episode.answered, truncated, info

    def close(self) -> None:
        """End the episode and the sandboxes; safe to call twice."""
        self._leave()
        self._stage.close()

    @property
    def system_prompt(self) -> str:
        """What a model is told before every task, where it acts by text."""
        return system_prompt("text")

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The actions of the task being played, as functions in the form of OpenAI's `tools`.

        Raises:
            UsageError: no episode has begun.
        """
        if self._episode is None:
            raise UsageError("no episode has begun: call reset first")
        return tools(self._episode.spec, self._episode.topics)

    def _chosen(
        self,
        id: str | None,
        split: str | None,
        filters: Sequence[str],
        ids: Sequence[str] | None,
    ) -> list[Path]:
        """Give the files of the tasks that may be played."""
        if id is not None:
            if split is not None or filters != () or ids is not None:
                raise UsageError("id: names one task: need no split, filter or ids beside it")
            return [self._path(id)]
        if split is not None and split not in get_args(Split):
            raise UsageError(f"split {split!r}: need one of {', '.join(get_args(Split))}")
        if not isinstance(filters, Sequence) or not all(isinstance(one, str) for one in filters):
            raise UsageError(f"filter {filters!r}: need texts, such as 'category=cost*'")
        if isinstance(ids, str):
            raise UsageError(f"ids {ids!r}: need a list of ids; id= names one")
        wanted = Filter.parse(tuple(filters))
        paths = list(self._taskset.paths()) if ids is None else [self._path(one) for one in ids]
        found = [
            path
            for path in paths
            if (split is None or path.parent.parent.name == split) and wanted.takes(path)
        ]
        if not found:
            asked = [f"split {split!r}"] * (split is not None) + [
                f"filter {one!r}" for one in filters
            ]
            asked += ["ids []"] * (ids is not None and not paths)
            what = f"no task of {' and '.join(asked)}" if asked else "the taskset has no tasks"
            raise UsageError(f"{self._taskset.path}: {what}: need at least one")
        return found

    def _choose(self, id: str | None) -> Path:
        """Give the file of the task named, or of one drawn."""
        if id is not None:
            return self._path(id)
        return self._paths[int(self.np_random.integers(len(self._paths)))]

    def _path(self, id: str) -> Path:
        """Give the file of a task."""
        if not isinstance(id, str):
            raise UsageError(f"id {id!r}: need the text of an id")
        path = self._taskset.find(id)
        if path is None:
            raise UsageError(f"{self._taskset.path}: no task {id!r}: need the id of one of its")
        return path

    def _leave(self, *exception: Any) -> None:
        """Leave the episode, where there is one."""
        held, self._open, self._episode = self._open, None, None
        if held is not None:
            with suppress(SandboxError):
                held.__exit__(*(exception or (None, None, None)))


def path_of(name: str, value: Path | str) -> Path:
    """Give a path that was given as one, or as its text."""
    if not isinstance(value, Path | str):
        raise UsageError(f"{name} {value!r}: need a path")
    return Path(value)


def run_info(spec: TaskSpec, observation: Observation) -> dict[str, Any]:
    """Give `info`: nothing that an agent may not know."""
    return {
        "id": spec.id,
        "status": observation.status,
        "steps_left": observation.steps_left,
        "submissions_left": observation.submissions_left,
    }


def ended(episode: Episode) -> dict[str, Any]:
    """Give what `info` holds at the end: the verdict, the rewards of all turns, the trajectory."""
    verdict = episode.verdict
    return {
        "verdict": verdict.code,
        "share": verdict.share,
        "rewards": list(episode.rewards),
        "trajectory": episode.trajectory,
    }


def make(source: Path | str | Taskset, **options: Any) -> TaskEnv:
    """Make the environment of a taskset, with the spec that Gymnasium's own tools ask for."""
    options["source"] = source.path if isinstance(source, Taskset) else path_of("source", source)
    env = TaskEnv(**options)
    env.spec = EnvSpec(NAME, entry_point=f"{__name__}:TaskEnv", kwargs=options)
    return env
