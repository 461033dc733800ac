"""`taskkit images`: the images that tasks run in, in the Docker engine and in files."""

from __future__ import annotations

import time
from pathlib import Path

import click

from taskkit.cli.screen import console, print_json, table
from taskkit.errors import UsageError, blame
from taskkit.sandbox import building, debian, engine, environments
from taskkit.sandbox.imagelint import lint as check
from taskkit.spec.image import image_folder, image_names, manifest, packages

NAMES = click.argument("names", nargs=-1, metavar="[IMAGE]...")
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def images() -> None:
    """Build, check and carry the images that tasks run in.

    \b
    Examples:
      taskkit images build
      taskkit images build sql --wheelhouse wheels    no network at all
      taskkit images prepare sql stats                packages for runs without containers
      taskkit images base                             a base where no registry can be reached
      taskkit images export archives sql              to carry to a machine without a network
      taskkit images import archives/sql.tar
    """


@images.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_(*, as_json: bool) -> int:
    """List the images, what they hold, and whether the engine has them as they are today."""
    reason = engine.availability()
    client = None if reason else engine.connect()
    found = []
    for name in image_names():
        built = building.tags(client, name) if client else []
        title = manifest(image_folder(name)).title
        prepared = environments.find(name)
        found.append(
            {
                "name": name,
                "title": title,
                "packages": packages(name),
                "tags": built,
                "prepared": str(prepared) if prepared else None,
            }
        )
    if as_json:
        print_json({"engine": reason or "ok", "images": found})
        return 0
    rows = [
        (
            i["name"],
            i["title"],
            len(packages(str(i["name"]))),
            _state(i["tags"]),
            "yes" if i["prepared"] else "no",
        )
        for i in found
    ]
    screen = console()
    screen.print(table("Images", ("name", "what", "packages", "built", "prepared"), rows))
    if reason:
        screen.print(f"{reason}: run `taskkit doctor`", markup=False, soft_wrap=True)
    return 0


def _state(tags: object) -> str:
    return ", ".join(tags) if isinstance(tags, list) and tags else "no"


@images.command()
@NAMES
@click.option("--base", help="Image to build on.  [default: the one that the Dockerfile names]")
@click.option("--wheelhouse", type=FOLDER, help="Folder of wheels; builds without a network.")
@click.option("--verbose", is_flag=True, help="Print the engine's log.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def build(
    names: tuple[str, ...], base: str | None, wheelhouse: Path | None, *, verbose: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Build images, by default all; one that the engine has as it is today is left alone."""
    client = engine.connect()
    done = []
    for name in _known(names):
        begun = time.perf_counter()

        def watch(line: str) -> None:
            if verbose and line:
                click.echo(line, err=True)

        built = building.build(client, name, base=base, wheelhouse=wheelhouse, watch=watch)
        seconds = time.perf_counter() - begun
        state = "built" if built.fresh else "up to date"
        done.append({"name": name, "tag": built.tag, "fresh": built.fresh, "seconds": seconds})
        if not as_json:
            click.echo(f"{built.tag}: {state} ({seconds:.1f} s)")
    if as_json:
        print_json(done)
    return 0


@images.command()
@NAMES
@click.option(
    "--wheelhouse",
    type=FOLDER,
    help="Folder of wheels; prepares without a network.  [default: $TASKKIT_WHEELHOUSE]",
)
@click.option("--verbose", is_flag=True, help="Print what pip says.")
def prepare(names: tuple[str, ...], wheelhouse: Path | None, *, verbose: bool) -> int:
    """Prepare the Python environments of images, by default all, for runs without containers.

    A run prepares what it needs by itself; this does it before, such as where a network is.
    """
    for name in _known(names):
        begun = time.perf_counter()
        there = environments.find(name) is not None

        def log(line: str) -> None:
            if verbose:
                click.echo(line, err=True)

        folder = environments.ensure(name, wheelhouse=wheelhouse, log=log)
        state = "up to date" if there else f"prepared ({time.perf_counter() - begun:.1f} s)"
        click.echo(f"{name}: {state}: {folder}")
    return 0


@images.command()
@NAMES
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def lint(names: tuple[str, ...], *, as_json: bool) -> int:
    """Check the folders of images: pins, hashes, base, user, no remote host."""
    found = {name: check(image_folder(name)) for name in _known(names)}
    wrong = [line for lines in found.values() for line in lines]
    if as_json:
        print_json(found)
    else:
        for line in wrong:
            click.echo(line)
        click.echo(f"{len(found)} images checked: {len(wrong) or 'no'} findings")
    return 1 if wrong else 0


@images.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@NAMES
def export(folder: Path, names: tuple[str, ...]) -> int:
    """Write built images, by default all, to an archive each: FOLDER/IMAGE.tar."""
    client = engine.connect()
    wanted = {name: building.installed(client, name) for name in _known(names)}
    for name, tag in wanted.items():
        file, part = folder / f"{name}.tar", folder / f"{name}.tar.part"
        with blame(UsageError, str(file)), engine.answers(f"cannot export {tag}"):
            folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as target:
                for chunk in client.images.get(tag).save(named=tag):
                    target.write(chunk)
            part.replace(file)
        click.echo(f"{file}: {tag} ({file.stat().st_size / (1 << 20):,.0f} MiB)")
    return 0


@images.command("import")
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1)
def import_(files: tuple[Path, ...]) -> int:
    """Read images from archives that `export` wrote."""
    client = engine.connect()
    for file in files:
        with blame(UsageError, str(file)), file.open("rb") as source:
            found = client.images.load(source)
        for image in found:
            click.echo(f"{file}: {', '.join(image.tags) or image.id}")
    return 0


@images.command()
@click.option("--suite", default=debian.SUITE, show_default=True, help="Release of Debian.")
@click.option("--mirror", help="Where packages come from.  [default: as apt is configured]")
def base(suite: str, mirror: str | None) -> int:
    """Make a base of Debian packages, where no registry can be reached; needs root."""
    made = debian.make(engine.connect(), suite=suite, source=mirror)
    click.echo(f"{made}\nnext: taskkit images build --base {made}")
    return 0


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        image_folder(name)
    return names or image_names()
