"""A SQLite file whose texts are not UTF-8 is named before anything is asked of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from taskkit.ehr.tables.opened import require_utf8
from taskkit.errors import SourceError


@pytest.mark.parametrize("table", ["drugs", 'my "own" table'])
def test_a_text_that_is_no_utf8_names_its_table(tmp_path: Path, table: str) -> None:
    path, quoted = tmp_path / "hospital.sqlite", table.replace('"', '""')
    with closing(sqlite3.connect(path)) as made:
        made.execute(f'create table "{quoted}" (name text, photo blob)')
        made.execute(f"insert into \"{quoted}\" values ('Caf\u00e9', x'ff41')")
        made.commit()
        require_utf8(path, path)
        made.execute(f"insert into \"{quoted}\" values (cast(x'ff41' as text), null)")
        made.commit()
    with pytest.raises(SourceError, match=r"hospital\.sqlite: table .*: need its texts in UTF-8"):
        require_utf8(path, path)
