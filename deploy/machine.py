"""A Debian with a systemd of its own: made by debootstrap, booted by systemd-nspawn, on its loopback alone."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from nte.errors import NteError

SUITE = "bookworm"
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,make,git,ca-certificates"
TOOLS = {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container", "nsenter": "util-linux"}
"""What is needed, and Debian's package of it."""
NSPAWN = ("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--machine=nte-reboot")
"""No service manager of this machine need know of it: there may be none."""
CERTIFICATES = "/etc/ssl/certs"
REBOOTED = 133
"""How systemd-nspawn ends when the machine in it reboots."""
BOOT_SECONDS, DOWN_SECONDS = 120, 120
N_LAST_WORDS = 15


def find_tools() -> None:
    """Raise NteError when something is missing that makes or boots a machine."""
    if lost := [package for tool, package in TOOLS.items() if shutil.which(tool) is None]:
        raise NteError(f"not all is there. On Debian, as root: apt-get install {' '.join(lost)}")


def make_root(root: Path, log: Path) -> None:
    """Put a small Debian with systemd into a folder."""
    run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root)], log)


def run_inside(root: Path, command: list[str], log: Path) -> None:
    """Run a command in the folder of a machine that is not up, with this machine's network and certificates."""
    trusted = [f"--bind-ro={CERTIFICATES}", f"--setenv=SSL_CERT_FILE={CERTIFICATES}/ca-certificates.crt"]
    run([*NSPAWN, f"--directory={root}", *trusted, *command], log)


def run(command: list[str], log: Path) -> None:
    """Run a command to its end. Raises NteError with its last words when it fails."""
    with log.open("ab") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)  # noqa: S603
    if done.returncode:
        raise NteError(f"{command[0]} failed:\n{_last_words(log)}")


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-N_LAST_WORDS:])


def wait_until(what: str, is_so: Callable[[], bool], most_seconds: float) -> float:
    """Return the seconds until something is so. Raises NteError when it is not in time."""
    started = time.monotonic()
    while time.monotonic() - started < most_seconds:
        if is_so():
            return time.monotonic() - started
        time.sleep(0.5)
    raise NteError(f"waited {most_seconds:.0f} s in vain until {what}")


class Machine:
    """A machine in a folder."""

    def __init__(self, root: Path, log: Path) -> None:
        self.root, self.log = root, log
        self._nspawn: subprocess.Popen[bytes] | None = None

    def boot(self) -> None:
        """Boot it; return when its systemd has started all that it should."""
        with self.log.open("ab") as out:
            self._nspawn = subprocess.Popen(  # noqa: S603
                [*NSPAWN, "--private-network", "--boot", f"--directory={self.root}"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        wait_until("the machine was up", self._is_booted, BOOT_SECONDS)

    def reboot(self) -> None:
        """Let it go down by itself, and boot it again."""
        self.do("systemctl", "reboot", "--no-block")
        if (code := self._wait_down()) != REBOOTED:
            raise NteError(
                f"the machine went down with code {code}, not {REBOOTED}:\n{_last_words(self.log)}"
            )
        self.boot()

    def cut_power(self) -> None:
        """End all its processes at once, and boot it again."""
        self._systemd().kill()
        self._wait_down()
        self.boot()

    def power_off(self) -> None:
        """Let it go down, where it is up; insist where it does not."""
        if not self._is_there():
            return
        systemd = self._systemd()
        try:
            self.do("systemctl", "poweroff", "--no-block")
            self._wait_down()
        finally:
            if systemd.is_running():
                systemd.kill()

    def do(self, *command: str) -> str:
        """Do something as root in it; return what that said. Raises NteError when it fails."""
        done = self.ask(*command)
        if done.returncode:
            raise NteError(f"in the machine, {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Do something as root in it; return how that ended."""
        inside = ["nsenter", f"--target={self._systemd().pid}", "--all", "--root", "--wd"]
        return subprocess.run([*inside, *command], capture_output=True, text=True, check=False)  # noqa: S603

    def _systemd(self) -> psutil.Process:
        """Return the first process of this boot. Raises NteError where there is none."""
        if self._nspawn is not None and self._nspawn.poll() is None:
            for one in psutil.Process(self._nspawn.pid).children():
                if one.name() == "systemd":
                    return one
        raise NteError(f"the machine is not up:\n{_last_words(self.log)}")

    def _is_booted(self) -> bool:
        if self._nspawn is not None and self._nspawn.poll() is not None:
            raise NteError(f"the machine could not be booted:\n{_last_words(self.log)}")
        return self._is_there() and self.ask("systemctl", "is-system-running").stdout.strip() in (
            "running",
            "degraded",
        )

    def _is_there(self) -> bool:
        try:
            return self._systemd().is_running()
        except NteError:
            return False

    def _wait_down(self) -> int | None:
        """Return how systemd-nspawn ended. Raises NteError when it does not."""
        try:
            return self._nspawn.wait(timeout=DOWN_SECONDS) if self._nspawn else None
        except subprocess.TimeoutExpired as problem:
            raise NteError(
                f"the machine is not down after {DOWN_SECONDS} s:\n{_last_words(self.log)}"
            ) from problem
