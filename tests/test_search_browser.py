"""The report of a search, in a real browser: nothing hidden or covered."""

from pathlib import Path

import pytest
from search_report_case import confirmed
from test_study_browser import PROBE, look

from facemtl.tuning.report.search_report import search_report


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("browser") / "report.html"
    made = confirmed()
    made["trials"][-6]["score"] = 50.0  # further up than charts reach
    written = search_report(made).html()
    file.write_text(written.replace("<head>", f"<head>{PROBE}", 1))
    return file


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1200, 900)])
def test_page_fits_and_is_readable(page_file, tmp_path, width, height):
    said = look(page_file, tmp_path, width, height)
    assert said["width"] == width
    assert said["hidden"] == 0, "the page scrolls sideways"
    assert said["drawings"] == 4
    assert said["faults"] == said["empty"] == []
    assert said["outside"] == []
    assert said["covered"] == []
