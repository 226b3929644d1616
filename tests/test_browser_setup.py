"""What `make test` installs for the tests in a browser: what is missing."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "browser.sh"
TOOLS = ("grep", "mktemp", "rm", "tail")
# Logs what it is asked for, and refuses one word.
APT_GET = """#!/bin/sh
echo "$*" >> '{log}'
case "$*" in
  *{refused}*)
    echo "Reading package lists..."
    echo "E: Unable to correct problems, you have held broken packages." >&2
    exit 100 ;;
esac
"""


class Machine:
    """A machine of stubs: who the user is, and which programs are there."""

    def __init__(self, folder: Path) -> None:
        # A folder that scripts would take for two if they forgot to quote.
        self.bin, self.log = folder / "the bin", folder / "apt-get.log"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))

    def has(self, *programs: str) -> None:
        for program in programs:
            self.program(program, "#!/bin/sh\n")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def set_up(self, user: int = 0, refused: str = "nothing") -> str:
        """What the script says; it never fails."""
        self.program("id", f"#!/bin/sh\necho {user}\n")
        apt_get = APT_GET.format(log=self.log, refused=refused)
        self.program("apt-get", apt_get)
        return self.run()

    def run(self) -> str:
        done = subprocess.run(
            ["/bin/sh", str(SCRIPT)],
            capture_output=True,
            text=True,
            env={"PATH": str(self.bin)},
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def asked(self) -> list[str]:
        """The packages that apt-get was asked for, a call each."""
        if not self.log.exists():
            return []
        calls = self.log.read_text().splitlines()
        return [call.split()[-1] for call in calls if "install" in call]


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    "browser", ["chromium", "chromium-browser", "google-chrome"]
)
@pytest.mark.parametrize("user", [0, 1000])
def test_where_nothing_is_missing_nothing_is_done(machine, browser, user):
    machine.has(browser, "npm")
    assert machine.set_up(user) == ""
    assert not machine.log.exists()


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        (["npm"], ["chromium"]),
        (["chromium"], ["npm"]),
        ([], ["chromium", "npm"]),
    ],
)
def test_only_what_is_missing_is_installed(machine, there, missing):
    machine.has(*there)
    said = machine.set_up()
    assert machine.asked() == missing
    for package in missing:
        assert f"Installed {package}, for the tests in a browser.\n" in said


def test_one_that_cannot_be_had_does_not_keep_the_other_away(machine):
    said = machine.set_up(refused="npm")
    assert machine.asked() == ["chromium", "npm"]
    installed, left_out = said.splitlines()
    assert installed == "Installed chromium, for the tests in a browser."
    assert left_out == (
        "Left out of the tests: those of the web app (marked npm). Expected "
        "npm to be installed. Received: apt-get: E: Unable to correct "
        "problems, you have held broken packages. As root: apt-get install npm"
    )


def test_old_lists_of_packages_are_no_reason_to_give_up(machine):
    machine.has("npm")
    machine.set_up(refused="update")
    assert machine.asked() == ["chromium"]


def test_for_a_user_who_is_not_root_it_reports_what_is_left_out(machine):
    machine.has("npm")
    assert machine.set_up(user=1000) == (
        "Left out of the tests: those in a browser (marked browser). Expected "
        "chromium to be installed. Received: the user is not root. As root: "
        "apt-get install chromium\n"
    )
    assert not machine.log.exists()


def test_on_a_machine_without_apt_it_reports_what_is_left_out(machine):
    machine.program("id", "#!/bin/sh\necho 0\n")
    said = machine.run().splitlines()
    assert ["no apt-get" in line for line in said] == [True, True]
