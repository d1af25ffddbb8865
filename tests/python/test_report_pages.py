# SPDX-License-Identifier: Apache-2.0
"""Pages of `orrery report` in a headless Chromium: drawn, clicked through, without an error."""
import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ["ORRERY_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "scripts"))
from chromium_page import ChromiumPage, find_chromium  # noqa: E402

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="no chromium here: scripts/install_packages test installs it")


@pytest.fixture(scope="module")
def browser():
    with ChromiumPage() as page:
        yield page


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Makes the page of a sample, once each."""
    folder = tmp_path_factory.mktemp("pages")

    def page_of(kind):
        page = folder / f"{kind}.html"
        if not page.exists():
            result = folder / f"{kind}.h5"
            subprocess.run([os.environ["PAGE_SAMPLE"], kind, str(result)], check=True)
            subprocess.run([os.environ["ORRERY_PROGRAM"], "report", str(result), "-o", str(page)],
                           check=True, capture_output=True)
        return page

    return page_of


def opened(browser, path):
    browser.errors.clear()
    browser.open(path)
    return browser


def text(browser, selector):
    return browser.evaluate(f"document.querySelector({selector!r}).textContent")


def titles(browser):
    return browser.evaluate("[...document.querySelectorAll('section h2')].map((h) => h.textContent)")


def drawn(browser):
    """Ids of the charts, with how much of each differs from an empty one: marks of an SVG, or painted
    pixels of a canvas."""
    return browser.evaluate("""Object.fromEntries([...document.querySelectorAll('.chart')].map((chart) => {
      const canvas = chart.querySelector('canvas');
      if (!canvas) return [chart.id, chart.querySelectorAll('svg path').length];
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      return [chart.id, pixels.filter((value, i) => i % 4 === 3 && value > 0).length];
    }))""")


def test_a_run_has_all_its_charts_and_no_error(browser, pages):
    opened(browser, pages("run"))
    assert browser.evaluate("document.title") == "h100-sxm: llama-3.1-8b, prefill - Orrery"
    assert titles(browser) == [
        "Roofline", "Time per operator", "What the cores were doing", "Energy", "Utilisation over time",
        "Load of the links", "Operators", "Where this comes from"]
    marks = drawn(browser)
    assert set(marks) == {"roofline-chart", "time-chart", "stall-chart", "energy-chart", "timeline-chart", "link-chart"}
    assert all(count > 5 for count in marks.values()), marks
    assert text(browser, ".figure dd").startswith("1.00 ms")
    assert browser.errors == []


def test_every_axis_names_its_unit(browser, pages):
    opened(browser, pages("run"))
    words = browser.evaluate("[...document.querySelectorAll('.chart svg text')].map((t) => t.textContent)")
    for name in ("arithmetic intensity (FLOP per byte of HBM traffic)", "compute (FLOP/s)", "time (\u00b5s)",
                 "share of the cores\u2019 time (%)", "energy (J)", "utilisation (%)", "network (TB/s)", "power (W)",
                 "time since the start of the run (\u00b5s)"):
        assert name in words, name


def test_a_click_on_a_point_shows_its_operators(browser, pages):
    opened(browser, pages("run"))
    place = browser.evaluate("""(() => {
      const entry = charts.find((chart) => chart.holder.id === 'roofline-chart');
      entry.holder.scrollIntoView({behavior: 'instant'});
      const series = entry.instance.getOption().series.findIndex((one) => one.type === 'scatter');
      const point = entry.instance.getOption().series[series].data[0].value;
      const [x, y] = entry.instance.convertToPixel({seriesIndex: series}, point);
      const box = entry.holder.getBoundingClientRect();
      return [box.left + x, box.top + y];
    })()""")
    browser.click(*place)
    assert "operator" in text(browser, "#detail h3")
    assert browser.evaluate("filterText.value") != ""
    assert browser.errors == []


def test_the_keyboard_reaches_an_operator_and_its_details(browser, pages):
    opened(browser, pages("run"))
    browser.evaluate("document.querySelector('#operators input').focus()")
    for letter in "norm":
        browser.key(letter)
    assert browser.evaluate("document.querySelectorAll('#operators tbody tr').length") == 1
    for _ in range(40):  # Show all, the headings, the row
        browser.key("Tab")
        if browser.evaluate("document.activeElement.tagName") == "TR":
            break
    browser.key("Enter")
    assert text(browser, "#detail h3") == "layer0.norm (operator 1)"
    assert "bound byhbm" in text(browser, "#detail")
    assert browser.errors == []


def test_headings_sort_and_choices_choose(browser, pages):
    opened(browser, pages("run"))
    first = "document.querySelector('#operators tbody tr').children[1].textContent"
    assert browser.evaluate(first) == "layer0.qkv"
    browser.evaluate("[...document.querySelectorAll('#operators th button')].find((b) => b.textContent.startsWith('time')).click()")
    assert browser.evaluate(first) == "layer0.qkv"  # longest first
    browser.evaluate("[...document.querySelectorAll('#operators th button')].find((b) => b.textContent.startsWith('time')).click()")
    assert browser.evaluate(first) == "layer0.norm"
    browser.evaluate("document.querySelector('#time button[data-key=kind]').click()")
    assert browser.evaluate("document.querySelector('#time button[data-key=kind]').getAttribute('aria-pressed')") == "true"
    browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    browser.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert browser.evaluate("document.querySelectorAll('details table').length") >= 4
    assert "90.0 %" in text(browser, "#time details")
    assert browser.errors == []


def test_tooltips_show_and_do_no_harm(browser, pages):
    opened(browser, pages("hostile-run"))
    for chart in ("roofline-chart", "time-chart", "stall-chart", "link-chart", "timeline-chart"):
        box = browser.evaluate(
            f"(() => {{ const c = document.getElementById('{chart}'); c.scrollIntoView({{behavior: 'instant'}});"
            " const r = c.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()")
        for across in range(1, 20):
            browser.move(box[0] + box[2] * across / 20, box[1] + box[3] * 0.45)
    assert browser.evaluate("document.querySelectorAll('.tip').length") > 0
    assert browser.evaluate("document.querySelectorAll('img').length") == 0
    assert browser.evaluate("window.harmed") is None
    assert browser.errors == []


@pytest.mark.parametrize("kind", ["hostile-run", "hostile-sweep"])
def test_names_from_files_are_text_and_nothing_else(browser, pages, kind):
    opened(browser, pages(kind))
    browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    browser.evaluate("document.querySelectorAll('tbody tr[tabindex]').forEach((row) => row.click())")
    browser.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert "<img src=x" in text(browser, "h1")
    assert browser.evaluate("document.querySelectorAll('img').length") == 0
    assert browser.evaluate("window.harmed") is None
    assert browser.errors == []


def test_a_run_of_many_operators_says_what_it_leaves_out(browser, pages):
    page = pages("long-run")
    assert page.stat().st_size < 4e6
    opened(browser, page)
    assert "20000 operators" in text(browser, ".notice")
    assert "5000 rows, page 1 of 200" in text(browser, "#operators")
    assert browser.errors == []


def test_a_sweep_has_all_its_charts_and_no_error(browser, pages):
    opened(browser, pages("sweep"))
    assert titles(browser) == [
        "Show only", "Pareto front", "Parallel coordinates", "Sensitivity", "Points without a result", "Points",
        "Where this comes from"]
    marks = drawn(browser)
    assert set(marks) == {"pareto-chart", "parallel-chart", "sensitivity-chart"}
    assert all(count > 5 for count in marks.values()), marks
    assert browser.errors == []


def test_capacities_are_shown_in_the_units_that_they_are_short_in(browser, pages):
    opened(browser, pages("sweep"))
    shown = browser.evaluate("""[[96, 160, 768].map((value) => value * 2 ** 20), [32e9, 64e9], [100e6, 2 ** 20]].map((values) => {
      const column = {name: 'capacity', unit: 'byte', words: [], values};
      axes.push(column);
      return [shown(column, values[0]), axisTitle(column)];
    })""")
    assert shown == [["96 MiB", "capacity (MiB)"], ["32.0 GB", "capacity (GB)"], ["100 MB", "capacity (MB)"]]


def test_names_of_parallel_axes_are_whole(browser, pages):
    opened(browser, pages("sweep"))
    margins = browser.evaluate("""(() => {
      const parallel = echarts.getInstanceByDom(document.querySelector('#parallel-chart')).getOption().parallel[0];
      return [parallel.left, parallel.right];
    })()""")
    assert min(margins) > 100  # half of the widest name


def choose(browser, section, label, value):
    browser.evaluate(f"""(() => {{
      const of = [...document.querySelectorAll('#{section} label')].find((l) => l.firstChild.textContent === {label!r});
      const select = of.querySelector('select');
      select.value = {value!r};
      select.dispatchEvent(new Event('change'));
    }})()""")


def test_choices_of_a_sweep_redraw_it(browser, pages):
    opened(browser, pages("sweep"))
    front = "[...document.querySelectorAll('#pareto tbody tr')].map((row) => row.children[0].textContent)"
    before = browser.evaluate(front)
    assert text(browser, "#pareto h3") == f"On the front: {len(before)} points"
    choose(browser, "pareto", "across", "average_power")
    assert browser.evaluate(front) != before
    choose(browser, "filters", "phase", "1")
    assert "decode" in text(browser, "#sensitivity .controls span")
    choose(browser, "filters", "core.count", "32")
    assert "20 rows" in text(browser, "#points")
    choose(browser, "sensitivity", "metric", "die_area")
    choose(browser, "parallel", "colour", "core.clock")
    assert browser.errors == []


def test_the_front_is_that_of_all_pairs(browser, pages):
    opened(browser, pages("sweep"))
    wrong = browser.evaluate("""(() => {
      const among = visible();
      const x = byName.average_power, y = byName.tokens_per_second;
      const front = new Set(frontOf(x, y, among));
      const beats = (a, b) => valueOf(x, a) <= valueOf(x, b) && valueOf(y, a) >= valueOf(y, b)
        && (valueOf(x, a) < valueOf(x, b) || valueOf(y, a) > valueOf(y, b));
      return among.filter((b) => front.has(b) === among.some((a) => beats(a, b))).length;
    })()""")
    assert wrong == 0
    assert browser.evaluate("frontOf(byName.average_power, byName.tokens_per_second, visible()).length") > 1


def test_a_sweep_of_100000_points_is_a_page_of_a_few_megabytes(browser, pages):
    page = pages("large-sweep")
    assert page.stat().st_size < 4e6
    opened(browser, page)
    assert "Of 100000 points" in text(browser, ".notice")
    assert browser.errors == []


@pytest.mark.parametrize("kind", ["run", "sweep"])
def test_pages_are_dark_where_the_reader_is(pages, kind):
    with ChromiumPage(dark=True, width=700) as page:
        page.open(pages(kind))
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 28)"
        assert page.evaluate("document.documentElement.scrollWidth <= 700")  # nothing sticks out
        assert page.errors == []
