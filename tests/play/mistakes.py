"""Mistakes that agents make, each with what its explanation must say, and must not."""

from __future__ import annotations

from dataclasses import dataclass

from tests.play.fake_sandbox import TIMEOUT

OPEN = "import sqlite3\ncon = sqlite3.connect('/data/hospital.sqlite')\n"
STALE = ("No rule explains", "ended well", "No error")


@dataclass(frozen=True)
class Mistake:
    """A program that goes wrong, with an error or in silence."""

    name: str
    language: str
    code: str
    says: tuple[str, ...]
    """What names the cause and what to do, in terms of this database."""
    never: tuple[str, ...] = ()
    """What would be false, or lead astray."""
    submit: bool = False


def sql(name: str, code: str, *says: str, never: tuple[str, ...] = ()) -> Mistake:
    """Make a mistake in SQL."""
    return Mistake(name, "sql", code, says, never)


def python(name: str, code: str, *says: str, never: tuple[str, ...] = ()) -> Mistake:
    """Make a mistake in Python."""
    return Mistake(name, "python", code, says, never)


MISTAKES = [
    # Times
    sql("a day that no row has", "SELECT * FROM admissions WHERE admittime = '2105-01-01'",
        "occurs in no row of admissions.admittime", "such as '2100-01-01 10:00:00'",
        never=("occurs by itself",)),
    sql("times subtracted", "SELECT dischtime - admittime FROM admissions",
        "Times are texts", "julianday(a) - julianday(b)"),
    sql("the machine's clock", "SELECT count(*) FROM admissions WHERE admittime > datetime('now')",
        "clock of the machine", "current time that the task states"),
    sql("a month without its zero",
        "SELECT count(*) FROM admissions WHERE strftime('%m', admittime) = '3'",
        "two digits, such as '03'", never=("join finds no partner",)),
    sql("a year as a number",
        "SELECT count(*) FROM admissions WHERE strftime('%Y', admittime) = 2100",
        "gives a text", "write '2100'"),
    sql("a format that SQLite lacks",
        "SELECT count(*) FROM admissions WHERE strftime('%y', admittime) = '00'",
        "no %y", "use %Y"),
    sql("a range the wrong way round", "SELECT * FROM admissions WHERE age BETWEEN 60 AND 40",
        "is never true", "lower value comes first"),
    sql("a bound beyond all values", "SELECT * FROM admissions WHERE age > 200",
        "200 lies beyond admissions.age", "from 39.0 to 50.5", never=("exclude each other",)),
    # Values
    sql("a label where a number is kept", "SELECT count(*) FROM labevents WHERE itemid = 'glucose'",
        "'glucose' occurs in no row of labevents.itemid",
        "itemid IN (SELECT itemid FROM d_labitems WHERE label = 'glucose')"),
    sql("a word for a code", "SELECT count(*) FROM patients WHERE gender = 'female'",
        "'female' occurs in no row of patients.gender", "Its values: 'f', 'm'"),
    sql("a text in double quotes", 'SELECT count(*) FROM patients WHERE gender = "female"',
        '"female" is no column', "single quotes, 'female'"),
    sql("a text in printed quotes", "SELECT * FROM patients WHERE gender = \u2018f\u2019",
        "no quotes of SQL", "write 'f'", never=("Table patients has no column",)),
    sql("a text in backticks", "SELECT * FROM patients WHERE gender = `f`",
        "Backticks and double quotes make a name", "write a text as 'f'"),
    sql("another case", "SELECT * FROM prescriptions WHERE drug = 'Aspirin'",
        "The data write it 'aspirin'"),
    sql("a blank at the end", "SELECT * FROM prescriptions WHERE drug = 'aspirin '",
        "The data write it 'aspirin'"),
    sql("a misspelt name", "SELECT * FROM prescriptions WHERE drug = 'asprin'",
        "occurs in no row of prescriptions.drug", "'aspirin'"),
    sql("a name in another table", "SELECT * FROM d_labitems WHERE label = 'heart rate'",
        "'heart rate' is in d_items.label", never=("Near it",)),
    sql("a name that the data do not know", "SELECT * FROM d_labitems WHERE label = 'Hgb'",
        "occurs in no row of d_labitems.label", "may have another name"),
    sql("a pattern without a wildcard",
        "SELECT count(*) FROM d_labitems WHERE label LIKE 'gluco'", "has no %", "'%gluco%'"),
    sql("numbers kept as texts", "SELECT * FROM prescriptions WHERE dose_val_rx > 500",
        "holds texts", "CAST(dose_val_rx AS REAL)"),
    sql("compared with null", "SELECT count(*) FROM admissions WHERE dischtime = null",
        "never true", "IS NULL"),
    sql("not in a list with null",
        "SELECT count(*) FROM patients WHERE subject_id NOT IN (SELECT stay FROM admissions)",
        "stay is NULL in some rows", "IS NOT NULL"),
    # Structure
    sql("a join on the numbers of rows",
        "SELECT max(a.age) FROM admissions a JOIN labevents l ON a.row_id = l.row_id + 90 "
        "AND a.row_id = l.row_id", "rows of admissions and labevents", "Join by subject_id",
        never=("itemid",)),
    sql("one of several rows",
        "SELECT * FROM labevents WHERE itemid = (SELECT itemid FROM d_labitems WHERE "
        "label = 'glucose') AND value > 400", "gives 2 rows", "use IN"),
    sql("no group by", "SELECT subject_id, count(*) FROM admissions",
        "There is no GROUP BY", "subject_id is taken from any one"),
    sql("a rank in WHERE",
        "SELECT subject_id, rank() OVER (ORDER BY age) AS r FROM admissions WHERE r = 1",
        "WHERE cannot use it", "subquery and filter outside"),
    sql("a rank of nothing", "SELECT subject_id FROM admissions WHERE rank = 1",
        "rank is no column", "rank() OVER", never=("Columns:",)),
    sql("a rank outside its derived table",
        "SELECT t.subject_id FROM (SELECT subject_id, rank() OVER (ORDER BY age) AS rank "
        "FROM admissions) AS t JOIN patients p ON p.subject_id = t.subject_id WHERE p.rank = 1",
        "The subquery t makes 'rank'", "write t.rank", never=("p is patients",)),
    sql("a column that a derived table does not pass on",
        "SELECT * FROM (SELECT subject_id FROM admissions) AS t WHERE age > 1",
        "'age' of admissions is not seen there", "select that column there too",
        never=("has no column", "Perhaps")),
    sql("the same by its name", "WITH t AS (SELECT subject_id FROM admissions) SELECT t.age FROM t",
        "t is a subquery and has no column 'age'", "select that column there too",
        never=("no table or alias",)),
    sql("an aggregate in WHERE", "SELECT subject_id FROM admissions WHERE count(*) > 1",
        "HAVING"),
    sql("HAVING without groups", "SELECT subject_id FROM admissions HAVING age > 5",
        "add GROUP BY, or filter rows with WHERE"),
    sql("a misspelt column", "SELECT subjectid FROM patients",
        "no column 'subjectid'", "Perhaps you mean subject_id"),
    sql("a misspelt table", "SELECT * FROM admission", "Perhaps you mean admissions"),
    sql("a table that is not there", "SELECT * FROM noteevents",
        "no table 'noteevents'", "Tables: admissions", never=("Perhaps you mean",)),
    sql("a column of another name", "SELECT valuenum FROM labevents JOIN d_labitems "
        "USING (itemid)", "perhaps labevents.value"),
    sql("an ambiguous column",
        "SELECT subject_id FROM patients p JOIN admissions a ON p.subject_id = a.subject_id",
        "Write p.subject_id or a.subject_id"),
    sql("whole numbers divided", "SELECT count(*) / 7000 FROM patients", "1.0 * a / b",
        never=("No row was counted",)),
    sql("divided by nothing", "SELECT count(*) / 0 FROM patients", "A division by 0 gives NULL",
        never=("No row met",)),
    sql("too many rows joined", TIMEOUT, "longer than 30 s", "look at each JOIN"),
    # Other dialects
    sql("DATEDIFF", "SELECT datediff(dischtime, admittime) FROM admissions", "julianday(a)"),
    sql("EXTRACT", "SELECT extract(year FROM admittime) FROM admissions", "strftime('%Y', x)"),
    sql("ILIKE", "SELECT * FROM prescriptions WHERE drug ILIKE '%asp%'", "LIKE ignores the case"),
    sql("TOP", "SELECT TOP 3 * FROM patients", "LIMIT n"),
    sql("::int", "SELECT age::int FROM admissions", "CAST(x AS REAL)",
        never=("a quote is not closed",)),
    # Python
    python("a key that is not there", "row = {'subject_id': 1, 'age': 3}\nprint(row['sex'])",
           "Names there are", "subject_id, age", never=("age, sex", "drug")),
    python("a column that is not there",
           OPEN + "import pandas as pd\nprint(pd.read_sql('SELECT * FROM admissions', con)['los'])",
           "Names there are: row_id, subject_id", "admittime", never=("drug", "los, ")),
    python("a variable of an earlier program", "print(len(rows))", "Nothing persists between"),
    python("texts added up",
           OPEN + "print(sum(d for (d,) in con.execute('SELECT dose_val_rx FROM prescriptions')))",
           "prescriptions.dose_val_rx holds texts, such as '81'", "float("),
    python("texts compared", OPEN + "rows = con.execute('SELECT dose_val_rx FROM prescriptions')\n"
           "print([d for (d,) in rows if d > 5])", "dose_val_rx holds texts", "CAST("),
    python("times subtracted", OPEN + "a, d = con.execute('SELECT admittime, dischtime FROM "
           "admissions').fetchone()\nprint(d - a)", "admissions.admittime holds times as texts",
           "julianday()"),
    python("a stay that has not ended", OPEN + "for a, d in con.execute('SELECT admittime, "
           "dischtime FROM admissions WHERE dischtime IS NULL'):\n    print(d - a)",
           "admissions.dischtime is NULL in 1 rows", "IS NOT NULL"),
    python("no row fetched", OPEN + "print(con.execute(\"SELECT dose_val_rx FROM prescriptions "
           "WHERE drug = 'Aspirin'\").fetchone()[0])", "fetchone() gives None",
           "The data write it 'aspirin'"),
    python("a text for a tuple",
           OPEN + "con.execute('SELECT * FROM patients WHERE gender = ?', 'female')",
           "1 question mark", "write (value,)"),
    python("nothing to divide by", OPEN + "rows = con.execute(\"SELECT dose_val_rx FROM "
           "prescriptions WHERE drug = 'Aspirin'\").fetchall()\nprint(1 / len(rows))",
           "'Aspirin' occurs in no row", "'aspirin'"),
    python("a column in a query", OPEN + "con.execute('SELECT sex FROM patients')",
           "Table patients has no column 'sex'", "gender", never=("drug",)),
    python("another database",
           "import sqlite3\nsqlite3.connect(':memory:').execute('SELECT * FROM patients')",
           "opened another database", "/data/hospital.sqlite"),
    python("a time in another form", OPEN + "from datetime import datetime\n(a,) = con.execute("
           "'SELECT admittime FROM admissions').fetchone()\ndatetime.strptime(a, '%Y-%m-%d')",
           "admissions.admittime holds times as texts", "'%Y-%m-%d %H:%M:%S'"),
    python("a file that is not there", "open('/data/patients.csv')", "/data/hospital.sqlite"),
    python("a package that is not there", "import torch", "Installed beside the standard library"),
    python("an empty list", "rows = []\nprint(rows[0])", "perhaps empty"),
    python("no end to a function", "def f(n):\n    return f(n + 1)\nf(0)", "an end, or use a loop"),
    python("too long", TIMEOUT, "longer than 30 s"),
    # Shell
    Mistake("a command that is not there", "shell", "mysqlx -e 1", ("no command mysqlx", "Python")),
    Mistake("a file that is not there, in the shell", "shell", "cat /data/patients.csv",
            ("/data/hospital.sqlite",)),
    # Answers
    Mistake("no answer set", "python", "result = 5", ("left no answer", "`answer`"), submit=True),
    Mistake("not a number", "python", "answer = float('nan')", ("no JSON value", "NaN"),
            submit=True),
    Mistake("a text for a number", "python", "answer = 'two'",
            ("another form", "one whole number"), ("expected",), submit=True),
    Mistake("two columns for one value", "sql", "SELECT 1, 2",
            ("another form", "one whole number"), submit=True),
]  # fmt: skip
