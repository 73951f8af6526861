"""Opens every table of a run with another library and holds what it sees against the dictionary.

    python tests/analyst/elsewhere.py PROGRAM OUT LIBRARY...

PROGRAM is looplens, OUT the folder of `looplens run EXPORT --out OUT`, LIBRARY one of duckdb, polars, pandas, spark.
Prints one line per library; exit status 1 and a line per difference where something is not as documented.
"""

import json
import subprocess
import sys
from pathlib import Path

from tables import Table, documented


class Differences:
    """What is not as documented."""

    def __init__(self, library: str):
        self.library = library
        self.found: list[str] = []
        self.compared = 0

    def equal(self, table: Table, what: str, seen, expected) -> None:
        self.compared += 1
        if seen != expected:
            self.found.append(f"{self.library}: {table.name}: {what}: {seen!r} instead of {expected!r}")


def types(table: Table, names: dict[str, str], partition: str) -> dict[str, str]:
    """The types that a library should show, the partition's at the end."""
    expected = {column.name: names[column.type] for column in table.columns}
    return expected | ({"opened": partition} if table.partitions is not None else {})


def meanings(table: Table) -> dict[str, str]:
    return {column.name: column.meaning for column in table.columns}


def statements(program: str, dialect: str, out: Path) -> str:
    command = [program, "schema", "--ddl", dialect, "--out", str(out)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def with_duckdb(program: str, out: Path, tables: list[Table], differences: Differences) -> None:
    import duckdb

    names = {
        "text": "VARCHAR",
        "integer": "BIGINT",
        "float": "DOUBLE",
        "boolean": "BOOLEAN",
        "timestamp (UTC)": "TIMESTAMP WITH TIME ZONE",
    }
    database = duckdb.connect()

    def rows(query: str, *values) -> list[tuple]:
        return database.execute(query, list(values)).fetchall()

    # The views of `looplens schema --ddl duckdb` carry types, partitions and comments.
    for statement in duckdb.extract_statements(statements(program, "duckdb", out)):
        database.execute(statement).fetchall()
    comments = {(table, column): comment for table, column, comment in rows("SELECT table_name, column_name, comment FROM duckdb_columns()")}
    about = dict(rows("SELECT view_name, comment FROM duckdb_views()"))
    for table in tables:
        expected = types(table, names, "VARCHAR")
        seen = {row[0]: row[1] for row in rows(f'DESCRIBE "{table.name}"')}
        differences.equal(table, "types of the view", seen, expected)
        differences.equal(table, "rows of the view", rows(f'SELECT count(*) FROM "{table.name}"'), [(table.rows,)])
        differences.equal(table, "comment", about.get(table.name), table.about)
        for name, meaning in meanings(table).items():
            differences.equal(table, f"comment of {name}", comments.get((table.name, name)), meaning)
        # The files themselves, as somebody opens them who knows nothing of the statements.
        place = str(table.place / "**" / "*.parquet") if table.place.is_dir() else str(table.place)
        seen = {row[0]: row[1] for row in rows("DESCRIBE SELECT * FROM read_parquet(?)", place)}
        differences.equal(table, "types", seen, expected)
        differences.equal(table, "rows", rows("SELECT count(*) FROM read_parquet(?)", place), [(table.rows,)])
        if table.partitions is not None:
            quarters = {row[0] for row in rows("SELECT DISTINCT opened FROM read_parquet(?)", place)}
            differences.equal(table, "partitions", quarters, table.partitions)
        for file in table.files():
            query = "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'looplens.columns'"
            found = rows(query, str(file))
            kept = json.loads(found[0][0]) if found else {}
            differences.equal(table, f"meanings in {file.name}", kept, meanings(table))


def with_polars(_program: str, _out: Path, tables: list[Table], differences: Differences) -> None:
    import polars as pl

    names = {
        "text": "String",
        "integer": "Int64",
        "float": "Float64",
        "boolean": "Boolean",
        "timestamp (UTC)": "Datetime(time_unit='us', time_zone='UTC')",
    }
    for table in tables:
        is_partitioned = table.partitions is not None
        place = table.place / "**" / "*.parquet" if table.place.is_dir() else table.place
        scanned = pl.scan_parquet(place, hive_partitioning=is_partitioned)
        seen = {name: str(kind) for name, kind in scanned.collect_schema().items()}
        differences.equal(table, "types", seen, types(table, names, "String"))
        frame = scanned.collect()
        differences.equal(table, "rows", frame.height, table.rows)
        if is_partitioned:
            differences.equal(table, "partitions", set(frame["opened"].unique()), table.partitions)
        for file in table.files():
            kept = pl.read_parquet_metadata(file)
            differences.equal(table, f"meanings in {file.name}", json.loads(kept["looplens.columns"]), meanings(table))
            differences.equal(table, f"what {file.name} holds", kept["looplens.about"], table.about)


def with_pandas(_program: str, _out: Path, tables: list[Table], differences: Differences) -> None:
    import pandas as pd
    import pyarrow.parquet as pq

    names = {
        "text": "string",
        "integer": "int64",
        "float": "double",
        "boolean": "bool",
        "timestamp (UTC)": "timestamp[us, tz=UTC]",
    }
    # pandas makes a partition a category of texts.
    partition = "dictionary<values=string, indices=int32, ordered=0>"
    for table in tables:
        read = pq.read_table(table.place)
        seen = {field.name: str(field.type) for field in read.schema}
        differences.equal(table, "types of pyarrow", seen, types(table, names, partition))
        kept = {field.name: (field.metadata or {}).get(b"description", b"").decode() for field in read.schema}
        if table.partitions is not None:
            del kept["opened"]
        differences.equal(table, "descriptions of pyarrow", kept, meanings(table))
        differences.equal(table, "rows of pyarrow", read.num_rows, table.rows)
        frame = pd.read_parquet(table.place, engine="pyarrow", dtype_backend="pyarrow")
        differences.equal(table, "rows", len(frame), table.rows)
        seen = {name: str(kind.pyarrow_dtype) if isinstance(kind, pd.ArrowDtype) else str(kind) for name, kind in frame.dtypes.items()}
        shown = types(table, names, seen.get("opened", ""))
        differences.equal(table, "types", seen, shown)
        plain = pd.read_parquet(table.place)
        differences.equal(table, "rows without Arrow's types", len(plain), table.rows)
        for column in table.columns:
            if column.type == "timestamp (UTC)":
                zone = getattr(plain[column.name].dt, "tz", None)
                differences.equal(table, f"zone of {column.name}", str(zone), "UTC")
        if table.partitions is not None:
            differences.equal(table, "partitions", set(frame["opened"].unique()), table.partitions)


def with_spark(program: str, out: Path, tables: list[Table], differences: Differences) -> None:
    from pyspark.sql import SparkSession

    names = {
        "text": "string",
        "integer": "bigint",
        "float": "double",
        "boolean": "boolean",
        "timestamp (UTC)": "timestamp",
    }
    work = out / "spark"
    session = (
        SparkSession.builder.master("local[2]")
        .appName("looplens")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(work / "warehouse"))
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={work}")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    for statement in statements(program, "spark", out.resolve()).split(";\n"):
        text = "\n".join(line for line in statement.splitlines() if not line.startswith("--")).strip()
        # The catalogue that comes with a session in memory keeps partitions only where Hive's is switched on; the
        # session finds them by the folders.
        if text:
            session.sql(text)
    for table in tables:
        read = session.read.parquet(str(table.place))
        expected = types(table, names, "string")
        seen = {field.name: field.dataType.simpleString() for field in read.schema}
        differences.equal(table, "types", seen, expected)
        # A partition's column is not in the files, and has no comment there.
        kept = {field.name: field.metadata["comment"] for field in read.schema if "comment" in field.metadata}
        differences.equal(table, "comments in the files", kept, meanings(table))
        differences.equal(table, "rows", read.count(), table.rows)
        if table.partitions is not None:
            quarters = {row[0] for row in read.select("opened").distinct().collect()}
            differences.equal(table, "partitions", quarters, table.partitions)
        made = session.table(table.name)
        seen = {field.name: field.dataType.simpleString() for field in made.schema}
        differences.equal(table, "types of the table", seen, expected)
        differences.equal(table, "rows of the table", made.count(), table.rows)
        comments = {field.name: field.metadata.get("comment") for field in made.schema}
        if table.partitions is not None:
            differences.equal(table, "comment of the partition", bool(comments.pop("opened")), True)
        differences.equal(table, "comments of the table", comments, meanings(table))
    session.stop()


LIBRARIES = {"duckdb": with_duckdb, "polars": with_polars, "pandas": with_pandas, "spark": with_spark}


def main() -> int:
    program, out, *wanted = sys.argv[1:]
    tables = documented(program, Path(out))
    assert len(tables) > 40, f"only {len(tables)} tables are documented"
    failed = False
    for library in wanted:
        differences = Differences(library)
        LIBRARIES[library](program, Path(out), tables, differences)
        columns = sum(len(table.columns) for table in tables)
        print(f"{library}: {len(tables)} tables, {columns} columns, {differences.compared} comparisons, "
              f"{len(differences.found)} differences")
        for line in differences.found[:40]:
            print(f"  {line[:400]}")
        failed = failed or bool(differences.found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
