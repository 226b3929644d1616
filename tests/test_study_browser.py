"""The report of a study, in a real browser: nothing hidden, nothing cut off."""

import html
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from chromium_case import BROWSERS, Chromium, needed
from study_case import alpha, history, predictions, study, variant

from facemtl.studies.report.gallery import draw_gallery
from facemtl.studies.report.study_report import study_report

# Put into a copy of the page; tells the page around it what it sees. Folded
# parts are unfolded first. A text may touch its neighbour, but not cover it.
PROBE = """
<script>
const faults = [];
addEventListener(
  "error", e => faults.push(String(e.message || e.target)), true);
addEventListener("load", () => {
  const folded = document.documentElement.scrollHeight;
  document.querySelectorAll("details").forEach(d => d.open = true);
  const covered = [], outside = [], empty = [];
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width || !frame.height) empty.push(svg.ariaLabel);
    const texts = [...svg.querySelectorAll("text")];
    const boxes = texts.map(t => t.getBoundingClientRect());
    boxes.forEach((a, i) => {
      if (a.left < frame.left - 1 || a.right > frame.right + 1 ||
          a.top < frame.top - 1 || a.bottom > frame.bottom + 1)
        outside.push(svg.ariaLabel + ": " + texts[i].textContent);
      boxes.slice(i + 1).forEach((b, k) => {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 0.4 * Math.min(a.height, b.height))
          covered.push(svg.ariaLabel + ": " + texts[i].textContent + " | " +
                       texts[i + 1 + k].textContent);
      });
    });
  }
  for (const image of document.querySelectorAll("img, image")) {
    const size = image.getBoundingClientRect();
    if (!size.width || !size.height) empty.push("an image");
  }
  const size = document.documentElement;
  parent.postMessage(JSON.stringify({
    width: innerWidth, hidden: size.scrollWidth - size.clientWidth,
    drawings: document.querySelectorAll("svg").length, folded,
    faults, covered, outside, empty
  }), "*");
});
</script>
"""
# A browser's window has a least width; a frame has none.
FRAME = """<!DOCTYPE html><html><body><pre id="said"></pre>
<script>
addEventListener("message", e => {{
  document.getElementById("said").textContent = "SAID" + e.data + "END";
}});
</script>
<iframe src="{file}" style="border:0;width:{width}px;height:{height}px">
</iframe></body></html>"""


class DrawnImages:
    """Photos of one color each."""

    def read(self, name: str) -> np.ndarray:
        return np.full((80, 80, 3), 90, np.uint8)

    def stamp(self, name: str) -> str:
        return name


def many() -> dict:
    """Two groups, names of all lengths, three streams, every section."""
    names = ["single", "wide single", "a name that is much too long for a line"]
    names += [f"split, landmarks + task {i}" for i in range(8)]
    groups = {}
    for k, group in enumerate(("a tenth of all the faces", "all")):
        variants = [
            variant(name, 2 + i / 7 + k, against=("single",) if i else ())
            for i, name in enumerate(names)
        ]
        stitched = variant("stitched", 1.9, against=("single",))
        stitched |= {"alpha": alpha(3, 16), "history": history(12)}
        stitched["stopped"] = [{"smile": 5}, {}]
        groups[group] = [*variants, stitched]
    return study(groups)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("browser") / "report.html"
    gallery = draw_gallery(DrawnImages(), {"single": predictions(12)}, 3)
    text = study_report(many(), gallery).html()
    file.write_text(text.replace("<head>", f"<head>{PROBE}", 1))
    return file


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(360, 800), (1400, 900)])
def test_page_fits_and_is_readable(page_file, tmp_path, width, height):
    said = look(page_file, tmp_path, width, height)
    assert said["width"] == width
    assert said["hidden"] == 0, "the page scrolls sideways"
    assert said["drawings"] > 30
    # A phone's page is longer than one of a desk: 6,000 pixels at 1,280 wide.
    assert 500 < said["folded"] < (6000 if width > 1000 else 12000)
    assert said["faults"] == said["empty"] == []
    assert said["outside"] == []
    assert said["covered"] == []


# The least contrast of texts with what is behind the page, by WCAG.
CONTRAST = """
(() => {
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map(x => {
      x /= 255;
      return x <= 0.04 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const page = document.documentElement;
  const paper = light(getComputedStyle(page).backgroundColor);
  const kinds = "h1, p, td:not(.dark), th, summary, dt, dd";
  const texts = document.querySelectorAll(kinds);
  return Math.min(...[...texts].map(text => {
    const ink = light(getComputedStyle(text).color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }));
})()
"""


@pytest.mark.browser
def test_page_is_legible_in_light_and_dark(page_file, tmp_path):
    browser = Chromium(needed(*BROWSERS), tmp_path / "profile")
    papers, filters = [], []
    style = "getComputedStyle(document.querySelector('{}')).{}"
    for scheme in ("light", "dark"):
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.do("Emulation.setEmulatedMedia", features=media)
        browser.open(page_file.as_uri(), 390)
        assert browser.js(CONTRAST) > 4.5
        papers.append(browser.js(style.format("html", "backgroundColor")))
        filters.append(browser.js(style.format(".chart svg", "filter")))
    # The first column stays where a table scrolls, and nothing shines through.
    first = style.format("tbody th", "{}")
    assert browser.js(first.format("position")) == "sticky"
    assert browser.js(first.format("backgroundColor")) == papers[1]
    browser.close()
    assert papers[0] == "rgb(255, 255, 255)" != papers[1]
    # Charts are drawn for white paper.
    assert filters[0] == "none" and filters[1].startswith("invert(1)")


def look(file: Path, folder: Path, width: int, height: int) -> dict:
    """What the probe saw; fails if the browser's console has an error."""
    browser = needed(*BROWSERS)
    frame = folder / "frame.html"
    frame.write_text(
        FRAME.format(file=file.as_uri(), width=width, height=height)
    )
    done = subprocess.run(
        [
            browser,
            *("--headless", "--no-sandbox", "--disable-gpu"),
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={max(width, 500)},{height}",
            *("--enable-logging=stderr", "--virtual-time-budget=5000"),
            *("--dump-dom", frame.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    console = [x for x in done.stderr.splitlines() if ":CONSOLE" in x]
    assert console == []
    found = re.search("SAID(.*)END</pre>", done.stdout, re.DOTALL)
    assert found, "the page said nothing"
    return json.loads(html.unescape(found[1]))
