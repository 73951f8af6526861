"""Runs every notebook from top to bottom on the results of a run.

    python notebooks/run.py            writes their outputs into the notebooks
    python notebooks/run.py --check    writes nothing, and fails if a cell fails or shows another kind of output

LOOPLENS_OUT names the folder of the run (`out` beside this folder where it is not set), LOOPLENS the program.
"""

import base64
import os
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent


def kinds(notebook) -> list[list[str]]:
    """What each cell shows, by kind: a picture, a table, text."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [sorted({kind for output in cell.outputs for kind in output.get("data", {"text": ""})}) for cell in code]


def packed(png: str) -> str:
    """The same picture in fewer bytes: what draws the charts packs for speed."""
    data = base64.b64decode(png)
    at, kept, pixels = 8, [], b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, chunk = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            pixels += chunk
        else:
            kept.append((kind, chunk))
    kept.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
    out = data[:8]
    for kind, chunk in kept:
        out += struct.pack(">I", len(chunk)) + kind + chunk + struct.pack(">I", zlib.crc32(kind + chunk))
    return base64.b64encode(out).decode()


def run(path: Path, check: bool) -> str:
    notebook = nbformat.read(path, as_version=4)
    before = kinds(notebook)
    # Without timings in the metadata the same results give the same file.
    NotebookClient(notebook, timeout=120, record_timing=False, resources={"metadata": {"path": str(HERE)}}).execute()
    if check:
        if kinds(notebook) != before:
            raise SystemExit(f"{path.name}: the outputs that are kept are not of the kind that it shows now: run notebooks/run.py")
    else:
        for cell in notebook.cells:
            cell.metadata = {}
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = packed(output.data["image/png"])
        notebook.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        nbformat.write(notebook, path)
    return f"{path.name}: ran {len(before)} cells"


def main() -> None:
    os.environ["LOOPLENS_OUT"] = str(Path(os.environ.get("LOOPLENS_OUT", HERE.parent / "out")).resolve())
    check = "--check" in sys.argv[1:]
    with ThreadPoolExecutor(2) as pool:
        for said in pool.map(lambda path: run(path, check), sorted(HERE.glob("*.ipynb"))):
            print(said)


if __name__ == "__main__":
    main()
