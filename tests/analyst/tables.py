"""What looplens says it wrote: every table with its files, rows, types, partitions and meanings.

The dictionary comes from the program, the counts from the manifests; nothing is read from the files themselves, so
that what another library reads can be held against it.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Column:
    """A column as documented: its type in the words of the dictionary, and what it means."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table as documented, and where its files are.

    `place` is a folder for tables of the dataset and a file for results; `partitions` holds the quarters of a
    partitioned table and is None for others.
    """

    name: str
    about: str
    columns: list[Column]
    place: Path
    rows: int
    partitions: set[str] | None

    def files(self) -> list[Path]:
        """Every file of the table."""
        return [self.place] if self.place.is_file() else sorted(self.place.rglob("*.parquet"))


def documented(program: str, out: Path) -> list[Table]:
    """The tables of a run whose dataset is OUT/dataset."""
    printed = subprocess.run([program, "schema", "--format", "json"], check=True, capture_output=True, text=True)
    generation = out / "dataset" / "current"
    manifest = json.loads((generation / "manifest.json").read_text())
    run = json.loads((out / "run.json").read_text())
    tables = []
    for entry in json.loads(printed.stdout)["tables"]:
        name = entry["table"]
        columns = [Column(c["name"], c["type"], c["meaning"]) for c in entry["columns"]]
        if entry["part"] == "results":
            place, rows, partitions = out / "tables" / f"{name}.parquet", run["tables"][name]["rows"], None
        else:
            written = manifest["tables"].get(name, {})
            if not written:
                continue
            place, rows = generation / name, sum(part["rows"] for part in written.values())
            is_partitioned = any(place.glob("opened=*"))
            partitions = set(written) if is_partitioned else None
        tables.append(Table(name, entry["about"], columns, place, rows, partitions))
    return tables
