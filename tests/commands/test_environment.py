"""What the commands do before Python is at hand."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.server import ROOT


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euc", f'source "{ROOT}/scripts/environment.sh"; {script}']
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


@pytest.fixture
def few_programs(tmp_path: Path) -> Path:
    """Return a folder with the few programs that every machine has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "cat", "cksum", "dirname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def test_a_machine_without_python_is_told_so(few_programs: Path) -> None:
    done = shell("find_python", PATH=str(few_programs))
    assert done.returncode == 1
    assert "没有找到 Python 3.11" in done.stderr


def test_an_older_python_is_passed_over(few_programs: Path) -> None:
    old = few_programs / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (few_programs / "python3.12").symlink_to(sys.executable)
    assert shell("find_python", PATH=str(few_programs)).stdout == "python3.12"


def test_packages_are_installed_only_when_the_files_changed(tmp_path: Path) -> None:
    """`python` is replaced by a program that notes how it was called."""
    calls, files = tmp_path / "calls", tmp_path / "requirements.txt"
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] || echo "$@" >>"{calls}"\n')
    python.chmod(0o755)
    for content in ("a==1", "a==1", "a==2"):
        files.write_text(content)
        shell(f'cd "{tmp_path}"; prepare_python run requirements.txt').check_returncode()
    assert len(calls.read_text().splitlines()) == 2
