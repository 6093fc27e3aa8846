"""Where the specification and the traces are: inside an installed wheel, or at the top of a source checkout.

A wheel carries both as package data, so that `pip install` is the whole set-up. In a checkout they are the
directories that people edit, and nothing is copied.
"""

from pathlib import Path

from vsync.errors import EngineError

_PACKAGE = Path(__file__).resolve().parent


def spec_directory() -> Path:
    """Returns the directory of the TLA+ modules, their configurations and `models.toml`.

    Raises EngineError if the installation has none.
    """
    return _locate("spec")


def traces_directory() -> Path:
    """Returns the directory of the recorded traces: scenarios, good ones and bad ones.

    Raises EngineError if the installation has none.
    """
    return _locate("traces")


def tests_directory() -> Path:
    """Returns the directory of the tests, which only a source checkout has.

    Raises EngineError if this is none.
    """
    return _locate("tests")


def _locate(name: str, package: Path = _PACKAGE) -> Path:
    """Returns the wheel's copy of directory `name` if `package` has one, else the checkout's own."""
    installed = package / "_data" / name
    if installed.is_dir():
        return installed
    checkout = package.parent.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise EngineError(
        f"expected the directory {name}/ at {installed} (installed) or {checkout / name} (source checkout), "
        "but neither is there: install virtual-synchrony again, or run from a complete checkout"
    )
