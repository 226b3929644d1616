"""A hook of MkDocs: files of the repository as pages, and links between them.

Files beside the code, such as `data/README.md`, are pages of the site too
(`PAGES`). Pages link to files relative to themselves, as a code host shows
them. On the site, a link to a file that is a page leads to this page, and any
other link leads to the repository. A link to a file that does not exist stops
the build, and so does a picture without a text, or what a page would load from
another host.
"""

import os.path
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from facemtl.pages import HOME

ROOT = Path(__file__).parents[2]
# In the text of a page, without fenced code.
FENCED = re.compile(r"(^ *```.*?^ *```$)", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
# Tags whose address a browser loads; a `canonical` link is none of them.
LOADED = re.compile(r"<(?:img|script|iframe|link rel=\"stylesheet\")\b[^>]*>")
PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "code.md",
    "benchmarks/peers/attributes.md": "benchmarks/attributes.md",
    "benchmarks/peers/peers.md": "benchmarks/peers.md",
    "benchmarks/peers/points68.md": "benchmarks/points68.md",
    "benchmarks/peers/stability.md": "benchmarks/stability.md",
    "data/README.md": "data.md",
    "export/README.md": "export/index.md",
    "export/apps/README.md": "export/apps.md",
    "export/apps/batch/README.md": "export/batch.md",
    "export/apps/server/README.md": "export/server.md",
    "export/apps/web/README.md": "export/browser.md",
    "presets/README.md": "preset_experiments.md",
    "presets/fairness.md": "benchmarks/fairness.md",
    "presets/head_pose.md": "benchmarks/head_pose.md",
    "presets/sources.md": "benchmarks/sources.md",
    "results/README.md": "studies.md",
    "tuning/README.md": "search.md",
    **{
        file.relative_to(ROOT).as_posix(): f"cards/{file.name}"
        for file in (ROOT / "facemtl/presets").glob("*.[ms][dv]*")
    },
    **{
        file.relative_to(ROOT).as_posix(): f"studies/{file.parent.name}.md"
        for file in (ROOT / "results").glob("*/table.md")
    },
    **{
        file.relative_to(
            ROOT
        ).as_posix(): f"studies/about_{file.parent.name}.md"
        for file in (ROOT / "results").glob("*/README.md")
    },
    **{
        file.relative_to(ROOT).as_posix(): f"{file.parent.name}/{file.name}"
        for folder in ("benchmarks", "examples")
        for file in (ROOT / folder).glob("*.md")
    },
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of `PAGES`."""
    for source, page in PAGES.items():
        path = str(ROOT / source)
        files.append(File.generated(config, page, abs_src_path=path))
    return files


@event_priority(-100)  # The links of what other plugins write, too.
def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Point each link to its page, or to the repository."""
    parts = FENCED.split(markdown)
    parts[::2] = [
        LINK.sub(lambda link: target(link, page, files), part)
        for part in parts[::2]
    ]
    return "".join(parts)


def target(link: re.Match[str], page: Page, files: Files) -> str:
    """The address of a link on a page."""
    source = Path(page.file.abs_src_path or "")
    file = Path(os.path.normpath(source.parent / link[1]))
    name = file.relative_to(ROOT).as_posix()
    anchor = link[2] or ""
    on_site = PAGES.get(name, name.removeprefix("docs/"))
    if files.get_file_from_path(on_site):
        folder = Path(page.file.src_uri).parent
        return Path(os.path.relpath(on_site, folder)).as_posix() + anchor
    if not file.exists():
        raise PluginError(
            f"{source}: expected an existing file. Received: {link[1]}."
        )
    kind = "tree" if file.is_dir() else "blob"
    return f"{HOME}/{kind}/main/{name}{anchor}"


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Check what a browser would load, and what its readers would miss."""
    for tag in LOADED.findall(output):
        if tag.startswith("<img") and not re.search(r'\balt="[^"]', tag):
            raise PluginError(f"{page}: expected an alt text. Received: {tag}.")
        if re.search(r'\b(src|href)="(https?:)?//', tag):
            raise PluginError(f"{page}: loads from another host: {tag}.")
    return output
