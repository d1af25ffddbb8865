# SPDX-License-Identifier: Apache-2.0
"""scripts/renew_echarts: the copy of ECharts is the one whose checksums are kept."""
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"])


def renew(folder, *arguments):
    return subprocess.run([folder / "scripts/renew_echarts", *arguments], capture_output=True, text=True, check=False)


def test_the_copy_is_what_was_fetched():
    checked = renew(SOURCE, "--check")
    assert checked.returncode == 0, checked.stderr
    version = (SOURCE / "third_party/echarts/VERSION").read_text().strip()
    assert f'.version="{version}"' in (SOURCE / "third_party/echarts/echarts.min.js").read_text(encoding="utf-8")


def test_a_changed_copy_is_noticed(tmp_path):
    shutil.copytree(SOURCE / "third_party", tmp_path / "third_party")
    (tmp_path / "scripts").mkdir()
    shutil.copy(SOURCE / "scripts/renew_echarts", tmp_path / "scripts")
    with open(tmp_path / "third_party/echarts/echarts.min.js", "a", encoding="utf-8") as file:
        file.write("\n")
    assert renew(tmp_path, "--check").returncode != 0


def test_bad_usage_is_explained():
    wrong = renew(SOURCE, "latest")
    assert wrong.returncode == 2
    assert wrong.stderr == "renew_echarts: latest is no version\n"
    assert renew(SOURCE, "1.2.3", "4").returncode == 2
    assert renew(SOURCE, "--help").returncode == 0
