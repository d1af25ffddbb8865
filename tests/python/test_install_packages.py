# SPDX-License-Identifier: Apache-2.0
"""scripts/install_packages against a make-believe Debian: nothing is installed here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts" / "install_packages"


@pytest.fixture
def machine(tmp_path):
    """A PATH with nothing but what the test puts there; commands log their arguments."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for tool in ("bash", "cat", "grep", "env"):
        (bin_folder / tool).symlink_to(shutil.which(tool))

    class Machine:
        log = tmp_path / "log"

        def command(self, name, body):
            path = bin_folder / name
            path.write_text(f"#!/bin/bash\n{body}\n")
            path.chmod(0o755)

        def run(self, *arguments):
            return subprocess.run(["/bin/bash", SCRIPT, *arguments], capture_output=True,
                                  text=True, env={"PATH": str(bin_folder)})

        def logged(self):
            return self.log.read_text().splitlines() if self.log.exists() else []

    machine = Machine()
    machine.command("sudo", '"$@"')
    machine.command("apt-get", f'echo "$@" >> {machine.log}')
    return machine


EVERYTHING = 'for p in "${@:3}"; do echo "installed $p"; done'
ALL_BUT_FMT = EVERYTHING + ' | grep -v libfmt; exit 1'
HALF_REMOVED = EVERYTHING + ' | while read -r s p; do [ "$p" = cmake ] && s=config-files; echo "$s $p"; done'


def test_does_nothing_when_nothing_is_missing(machine):
    machine.command("dpkg-query", EVERYTHING)
    result = machine.run("test")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert machine.logged() == []


@pytest.mark.parametrize(("state", "package"), [(ALL_BUT_FMT, "libfmt-dev"), (HALF_REMOVED, "cmake")])
def test_installs_only_what_is_missing(machine, state, package):
    machine.command("dpkg-query", state)
    result = machine.run("build")
    assert result.returncode == 0, result.stderr
    assert machine.logged() == ["update -qq",
                                f"install -y -qq --no-install-recommends {package}"]


def test_each_list_holds_the_one_before(machine):
    machine.command("dpkg-query", "exit 1")
    machine.run("build")
    machine.run("test")
    machine.run("slurm")
    build, test, slurm = (set(line.split()[4:]) for line in machine.logged() if "install" in line)
    assert "libsystemc-dev" in build
    assert build < test
    assert slurm - test == {"slurmctld", "slurmd", "slurm-client", "munge"} and test < slurm


def test_a_failing_apt_get_is_reported(machine):
    machine.command("dpkg-query", ALL_BUT_FMT)
    machine.command("apt-get", '[ "$1" = update ]')
    result = machine.run("build")
    assert result.returncode == 1
    assert result.stderr == "install_packages: apt-get install failed for: libfmt-dev\n"


def test_another_distribution_is_told_what_to_install(machine):
    result = machine.run("build")
    assert result.returncode == 1
    assert result.stderr.startswith("install_packages: this is not Debian;")


@pytest.mark.skipif(os.geteuid() == 0, reason="root needs no sudo")
def test_without_root_and_sudo_the_packages_are_named(machine):
    machine.command("dpkg-query", ALL_BUT_FMT)
    shutil.rmtree(machine.log, ignore_errors=True)
    (Path(machine.log).parent / "bin" / "sudo").unlink()
    result = machine.run("build")
    assert result.returncode == 1
    assert "apt-get install libfmt-dev" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["all"], ["build", "test"]])
def test_wrong_usage_exits_2(machine, arguments):
    assert machine.run(*arguments).returncode == 2


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="not Debian")
def test_every_library_that_cmake_asks_pkg_config_for_is_installed_by_name():
    source = (SCRIPT.parent.parent / "CMakeLists.txt").read_text()
    modules = re.findall(r"pkg_check_modules\(\w+ REQUIRED IMPORTED_TARGET ([\w.+-]+)\)", source)
    assert modules
    script = SCRIPT.read_text()
    for module in modules:
        folder = subprocess.run(["pkg-config", "--variable=pcfiledir", module], check=True,
                                capture_output=True, text=True).stdout.strip()
        owner = subprocess.run(["dpkg", "-S", str(Path(folder, f"{module}.pc"))], check=True,
                               capture_output=True, text=True).stdout.split(":")[0]
        assert re.search(rf"\s{re.escape(owner)}\s", script), f"{module} comes with {owner}"
