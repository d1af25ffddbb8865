# SPDX-License-Identifier: Apache-2.0
"""`orrery show chip` on every chip that is shipped."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ.get("ORRERY_PROGRAM", "build/release/orrery")
SOURCE = Path(os.environ.get("ORRERY_SOURCE_DIR", "."))
CHIPS = sorted(path.stem for path in (SOURCE / "configs/chips").glob("*.yaml"))


def show(chip, *arguments):
    done = subprocess.run([PROGRAM, "show", "chip", chip, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("chip", CHIPS)
def test_every_chip_is_shown_as_text_and_as_json(chip):
    assert chip in show(chip)
    shown = json.loads(show(chip, "--json"))
    assert shown["chip"] == chip
    assert shown["launch"]["kernel_launch_s"] < 1e-3
    if "power" in shown:
        assert shown["power"]["cap_w"] > 0
