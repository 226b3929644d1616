"""A search as one HTML page that needs nothing else."""

from pathlib import Path

from facemtl.studies.paths import without_folders
from facemtl.studies.report.page import fill_page
from facemtl.tuning.report.sections import sections
from facemtl.tuning.report.trials import Search
from facemtl.tuning.report.words import summary


def write_page(search: Search, file: str | Path) -> None:
    """Write the report of a search, whole or not at all.

    The page opens without a network and without scripts. The same search makes
    the same bytes. The search may still go on.

    Args:
        search: the content of `search.json`.
        file: the HTML file to write.

    Example:

        write_page(json.loads(Path("search.json").read_text()), "search.html")
    """
    search = without_folders(search)
    fill_page(search["title"], summary(search), sections(search), file)
