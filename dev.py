#!/usr/bin/env python3
"""Everything a developer does, in one command that sets up what it needs: ``python3 dev.py run|test|faults|fuzz|bench|translations|build``.

run           open the window on the demo company; without a screen (or with --offscreen) walk through the program and leave pictures in out/
test          ruff, mypy and the tests; with --bundle the folder of build as well, beside the first two; further arguments go to pytest
faults        kill the program 200 times in each operation on each engine, then full and failing disks and damaged files in full;
              --kills N, --engine local|shared|mysql, --operation NAME, --seed S, --json FILE; with any of these only the kills
fuzz          read broken workbooks, lists and business cards for some minutes: --minutes N, --seed S, --one SEED
bench         the speed measurements; further arguments go to them
translations  bring the catalogues up to date; arguments: .po files to take Simplified Chinese from
build         one folder in dist/ that runs without Python, and has it prove itself; further arguments go to PyInstaller

Only the standard library is used here: the rest is installed into .venv by the first run.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
OLDEST = (3, 11)

QT_PACKAGES = ("libglib2.0-0", "libgl1", "libegl1", "libxkbcommon0", "libdbus-1-3", "libfontconfig1", "fonts-noto-cjk")
SCREEN_PACKAGES = ("libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxkbcommon-x11-0")
SERVER_PACKAGES = ("mariadb-server-core", "mariadb-client-core")
BUILD_PACKAGES = ("binutils",)
AT_ONCE = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal")
"""One worker more than there are processors, since tests wait for servers, programs and timers; who has nothing left takes what waits behind a long one."""


def main(arguments: list[str]) -> int:
    """Run the command named by the first argument; returns the exit status."""
    commands = {"run": run, "test": test, "faults": faults, "fuzz": fuzz, "bench": bench, "translations": translations, "build": build}
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    return commands[arguments[0]](arguments[1:])


def run(arguments: list[str]) -> int:
    """Open the window, on the demo company the first time; without a screen take the tour."""
    offscreen = "--offscreen" in arguments or (sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")))
    prepare((*QT_PACKAGES, *(() if offscreen else SCREEN_PACKAGES)))
    compile_translations()
    if offscreen:
        print("No screen: walking through the program; the pictures go to out/", flush=True)
        rest = [argument for argument in arguments if argument != "--offscreen"]
        return call("-m", "tests.journeys.main_job", *(rest or ["--out", "out"]), QT_QPA_PLATFORM="offscreen")
    shown_before = VENV / "demo-shown"
    if not arguments and not shown_before.exists():
        shown_before.touch()
        arguments = ["--demo"]
    return call("-m", "desktop_crm", *arguments)


def test(arguments: list[str]) -> int:
    """Check style and types and run the tests, all of them even when an earlier step fails."""
    bundled = "--bundle" in arguments
    prepare((*QT_PACKAGES, *SERVER_PACKAGES, *(BUILD_PACKAGES if bundled else ())), extras="dev,build" if bundled else "dev")
    compile_translations()
    # As an installation does: the tests start hundreds of processes, and each would compile all it loads where Python may not write its bytecode.
    call("-m", "compileall", "-q", "-j", "0", "desktop_crm", "tests")
    # Developers' runs draw the order of the tests; whether a change passes must not depend on that.
    plain = ["--color=no", "--randomly-seed=1"] if os.environ.get("CI") else []
    results = []
    with ThreadPoolExecutor(1) as beside:
        # Each of these keeps one processor busy; the tests take all there are.
        bundle = beside.submit(timed, "bundle", build_quietly) if bundled else None
        results += [timed("ruff", lambda: call("-m", "ruff", "check", ".")), timed("mypy", lambda: call("-m", "mypy"))]
        keep_what_pytest_makes()
        if bundle is not None:
            results.append(bundle.result())
    results.append(timed("pytest", lambda: call("-m", "pytest", *AT_ONCE, *plain, *(one for one in arguments if one != "--bundle"))))
    print("== result")
    for name, status, seconds in results:
        print(f"{name:8} {'passed' if status == 0 else f'FAILED ({status})':12} {seconds:6.1f} s")
    return next((1 for _name, status, _seconds in results if status), 0)


def keep_what_pytest_makes() -> None:
    """Have pytest write down what it makes of each test's asserts: else each of its workers makes all of it anew where Python may not write its bytecode, 12 s of the processor."""
    collecting = [str(PYTHON), "-m", "pytest", "--collect-only", "-n", "0"]
    subprocess.run(collecting, cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""}, stdout=subprocess.DEVNULL, check=False)


def timed(name: str, step: Callable[[], int]) -> tuple[str, int, float]:
    """Run a step of the tests; returns its name, its exit status and how many seconds it took."""
    print(f"== {name}", flush=True)
    started = time.monotonic()
    return name, step(), time.monotonic() - started


def build_quietly() -> int:
    """Make the bundle in a process of its own, which says all it has to say at the end."""
    done = subprocess.run([sys.executable, __file__, "build"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    sys.stdout.buffer.write(done.stdout)
    sys.stdout.flush()
    return done.returncode


def faults(arguments: list[str]) -> int:
    """Kill, fill and damage; see docs/reliability.md."""
    prepare((*QT_PACKAGES, *SERVER_PACKAGES))
    compile_translations()
    status = call("-m", "tests.faults", *arguments)
    return status if arguments else call("-m", "pytest", "tests/faults", FAULTS="full") or status


def fuzz(arguments: list[str]) -> int:
    """Read broken files."""
    prepare(QT_PACKAGES)
    compile_translations()
    return call("-m", "tests.workbooks.fuzz", *arguments)


def bench(arguments: list[str]) -> int:
    """Measure the speed."""
    prepare((*QT_PACKAGES, *SERVER_PACKAGES))
    compile_translations()
    return call("-m", "bench", *arguments)


def translations(arguments: list[str]) -> int:
    """Collect the texts, fill the catalogues, list what is missing."""
    prepare(())
    return call("catalogs.py", "update", *(str(Path(name).resolve()) for name in arguments))


def build(arguments: list[str]) -> int:
    """Make the folder that is given to users."""
    prepare((*QT_PACKAGES, *BUILD_PACKAGES), extras="dev,build")
    compile_translations()
    begun = time.monotonic()
    status = call("-m", "PyInstaller", "--noconfirm", "--log-level=ERROR", *arguments, "build.spec")
    if status:
        return status
    made = ROOT / "dist" / "desktop-crm"
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"Built {made}: {size / 1e6:.0f} MB in {time.monotonic() - begun:.0f} s. It tries itself:", flush=True)
    program = made / ("desktop-crm.exe" if WINDOWS else "desktop-crm")
    return subprocess.run([str(program), "self-test", "--lang", "en"], cwd=made, stdin=subprocess.DEVNULL, check=False).returncode


def call(*arguments: str, **variables: str) -> int:
    """Run the project's Python in its folder with `arguments` and extra environment `variables`; returns the exit status."""
    try:
        return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, env={**os.environ, **variables}, check=False).returncode
    except KeyboardInterrupt:
        return 130


def compile_translations() -> None:
    """Write the .mo files where a .po file is newer."""
    if any(not _is_newer(po.with_suffix(".mo"), po) for po in ROOT.glob("resources/locale/*/LC_MESSAGES/*.po")) and call("catalogs.py", "compile"):
        raise SystemExit("The translations could not be compiled.")


def prepare(packages: tuple[str, ...], extras: str = "dev") -> None:
    """Install the system `packages` and the project with its `extras` into .venv; does nothing the second time."""
    install_packages(packages)
    stamp = VENV / f"installed-{extras.replace(',', '-')}"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()).hexdigest()
    there = (one for one in VENV.glob("installed-*") if set(extras.split(",")) <= set(one.name.split("-")[1:]))
    if any(one.read_text() == wanted for one in there) and _works(PYTHON):
        return
    if not _works(PYTHON):
        make_environment()
    print(f"Installing the program and its tools into {VENV} (once, some minutes) ...", flush=True)
    if call("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--editable", f".[{extras}]"):
        raise SystemExit("The installation failed; the lines above say why. Check the network and start again.")
    stamp.write_text(wanted)


def make_environment() -> None:
    """Make .venv with a Python that is new enough."""
    python = find_python()
    if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        version = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True, check=True)
        install_packages((f"python{version.stdout.strip()}-venv",))
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([python, "-m", "venv", str(VENV)], check=False).returncode:
        raise SystemExit(f"{python} could not make {VENV}; the lines above say why.")


def find_python() -> str:
    """Return a Python that is new enough: this one, or one on the path."""
    if sys.version_info >= OLDEST:
        return sys.executable
    names = [f"python3.{minor}" for minor in (13, 12, 11)] + ["python3", "python"]
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"), reverse=True)
    for candidate in [shutil.which(name) for name in names] + [str(path) for path in pyenv]:
        if candidate and _works(candidate):
            return candidate
    raise SystemExit(
        f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {platform.python_version()} and no newer one was found. Get it from https://www.python.org/downloads/"
    )


def install_packages(packages: tuple[str, ...]) -> None:
    """Install the missing ones of `packages` on Debian and Ubuntu, or say how."""
    if not packages or not shutil.which("dpkg-query") or not shutil.which("apt-get"):
        return
    known = subprocess.run(["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n"], capture_output=True, text=True, check=True).stdout
    installed = {line.partition(" ")[2] for line in known.splitlines() if line.startswith("installed ")}
    # Since Ubuntu 24.04 some libraries carry the suffix of the 64-bit time_t.
    missing = [name for name in packages if not {name, f"{name}t64"} & installed]
    if not missing:
        return
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        print(f"System packages are missing. If something fails, run: sudo {' '.join(install)}", flush=True)
        return
    print(f"Installing system packages: {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], install):
        done = subprocess.run(step, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{' '.join(step)} failed; going on without:\n{done.stdout[-1000:]}{done.stderr[-1000:]}", flush=True)


def _works(python: str | Path) -> bool:
    """Say whether `python` starts and is new enough."""
    try:
        return subprocess.run([str(python), "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
