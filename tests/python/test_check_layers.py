# SPDX-License-Identifier: Apache-2.0
"""The check of include direction passes on this repository and fails on what it is there for."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "check_layers.py"


def run(root):
    result = subprocess.run([sys.executable, "-B", SCRIPT, root], capture_output=True, text=True)
    return result.returncode, result.stdout


def check(tmp_path, file, line):
    """A tree that holds an empty sim and one file with one line."""
    (tmp_path / "sim").mkdir()
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"// first line\n{line}\n")
    return run(tmp_path)


def test_this_repository_obeys():
    assert run(ROOT) == (0, "")


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("sim/a.h", '#include "mem/hbm.h"', "sim may not include mem (it may: nothing)"),
        ("mem/a.cpp", '#include "noc/router.h"', "mem may not include noc (it may: sim)"),
        ("mem/a.cpp", '#include "arch/program.h"', "mem may not include arch (it may: sim)"),
        ("mem/a.cpp", "#include <arch/program.h>", "mem may not include arch (it may: sim)"),
        ("mem/a.cpp", '  #  include "arch/program.h"', "mem may not include arch (it may: sim)"),
        ("results/a.h", '#include "arch/chip.h"', "results may not include arch (it may: sim)"),
        ("arch/a.h", '#include "workloads/operator.h"',
         "arch may not include workloads (it may: mem, noc, power, sim)"),
        ("arch/core.h", '#include "mem/l2_cache.h"', "inside arch only chip* may include mem"),
        ("arch/deep/core.h", '#include "noc/x.h"', "inside arch only chip* may include noc"),
        ("workloads/a.h", '#include "cli/table.h"',
         "workloads may not include cli (it may: arch, mem, noc, power, sim)"),
        ("cli/a.cpp", "#include <hdf5.h>", "only results may include <hdf5.h>"),
        ("sim/a.cpp", "#include <H5public.h>", "only results may include <H5public.h>"),
        ("sim/a.cpp", "#include <boost/program_options.hpp>",
         "only cli may include <boost/program_options.hpp>"),
        ("cli/a.cpp", "#include <boost/random/sobol.hpp>",
         "only sweep may include <boost/random/sobol.hpp>"),
        ("results/a.h", '#include "sweep/plan.h"', "results may not include sweep (it may: sim)"),
        ("cli/a.cpp", "#include <yaml-cpp/yaml.h>", "only sim may include <yaml-cpp/yaml.h>"),
        ("sim/a.cpp", '#include "units.h"',
         '"units.h" does not name its folder from the root of the repository'),
        ("sim/a.cpp", '#include "../mem/hbm.h"',
         '"../mem/hbm.h" does not name its folder from the root of the repository'),
    ],
)
def test_an_include_against_the_architecture_is_found(tmp_path, file, line, message):
    assert check(tmp_path, file, line) == (1, f"{file}:2: {message}\n")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("sim/a.cpp", "#include <yaml-cpp/yaml.h>"),
        ("sim/a.cpp", "#include <sys/stat.h>"),
        ("arch/chip.cpp", '#include "mem/hbm_module.h"'),
        ("arch/chip_config.h", '#include "noc/network_config.h"'),
        ("workloads/a.cpp", '#include "arch/program.h"'),
        ("results/a.cpp", "#include <hdf5.h>"),
        ("cli/main/main.cpp", '#include "results/result_file.h"'),
        ("tests/unit/mem/a_test.cpp", '#include "arch/chip.h"'),
        ("benchmarks/a.cpp", '#include "cli/run.h"'),
        ("sim/notes.txt", '#include "mem/hbm.h"'),
    ],
)
def test_an_include_that_points_down_passes(tmp_path, file, line):
    assert check(tmp_path, file, line) == (0, "")


def test_a_folder_outside_the_order_is_found(tmp_path):
    assert check(tmp_path, "util/a.h", "") == (
        1, "util/a.h: folder util has no place in the order of folders\n")


def test_a_folder_that_is_not_the_repository_is_refused(tmp_path):
    assert run(tmp_path)[0] == 2
