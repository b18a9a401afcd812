"""Builds the wheel: a zip of the package with its metadata. Nothing but Python is needed for it.

    python3 build_wheel.py FOLDER     # prints the name of the file that it writes there
    pip install .                     # pip calls the functions below (PEP 517)

The same sources give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib  # type: ignore[no-redef]

HERE = Path(__file__).parent
PACKAGE = "renova_client"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time; files carry none of their own, so that the same sources give the same bytes."""


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None) -> str:
    """Writes the wheel and returns its name."""
    info = f"{PACKAGE}-{version()}.dist-info"
    files = {str(path.relative_to(HERE).as_posix()): path.read_bytes() for path in sources()}
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: renova\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/licenses/LICENSE"] = (HERE.parents[1] / "LICENSE").read_bytes()
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()

    name = f"{PACKAGE}-{version()}-py3-none-any.whl"
    with ZipFile(Path(wheel_directory) / name, "w", ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            entry = ZipInfo(path, EARLIEST)
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, data, ZIP_DEFLATED)
    return name


def sources() -> List[Path]:
    return sorted(path for path in (HERE / PACKAGE).iterdir() if path.suffix == ".py" or path.name == "py.typed")


def version() -> str:
    names: Dict[str, str] = {}
    exec((HERE / PACKAGE / "version.py").read_text(), names)
    return names["__version__"]


def metadata() -> str:
    """Core metadata 2.1, of what pyproject.toml says."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {version()}",
        f"Summary: {project['description']}",
        f"License: {project['license']['text']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
    ]
    for extra, packages in project["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {package}; extra == "{extra}"' for package in packages]
    lines.append("Description-Content-Type: text/markdown")
    return "\n".join(lines) + "\n\n" + (HERE / "README.md").read_text()


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "dist")
    folder.mkdir(parents=True, exist_ok=True)
    print(build_wheel(str(folder)))
