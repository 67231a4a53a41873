"""Profiles with Linux perf: records a contestant and folds its stacks for the flame graph."""

import collections
import re
import shutil
import signal
import subprocess

from harness.process import BenchError

# Prime, so that sampling does not fall into step with timers. The machines this runs on seldom have
# hardware counters; the CPU clock is always there. DWARF unwinding because the release build keeps
# no frame pointers.
RECORD = ["record", "-q", "--buildid-mmap", "-e", "cpu-clock", "-F", "499",
          "--call-graph", "dwarf,16384"]
SCRIPT = ["script", "--no-inline", "-F", "comm,ip,sym,dso", "-i"]
# perf resolves symbols through slow helpers for large stacks.
SCRIPT_TIMEOUT_S = 600


def check_available():
    """Raises BenchError, in words, where perf cannot record."""
    if shutil.which("perf") is None:
        raise BenchError("profiling needs perf: apt-get install linux-perf")
    trial = subprocess.run(["perf", *RECORD, "-o", "/dev/null", "true"], capture_output=True, text=True,
                           check=False)
    if trial.returncode != 0:
        raise BenchError("perf cannot record here; as root, `sysctl kernel.perf_event_paranoid=1` "
                         f"may allow it. It said:\n{trial.stderr.strip()}")


class Recording:
    """One profile. `folder` is perf's cache of binaries by build id: TaskManagers load a job object
    from a temporary copy, which is gone when the profile is read."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "perf.data"

    def command(self, program):
        """The command that runs and records `program`."""
        return [*self.perf(*RECORD), "-o", str(self.data), "--", *program]

    def attach(self, pids):
        """Records running processes until detach() is called with what this returns."""
        command = [*self.perf(*RECORD), "-o", str(self.data), "-p", ",".join(map(str, pids))]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)

    @staticmethod
    def detach(process):
        process.send_signal(signal.SIGINT)
        process.wait()

    def stacks(self, binaries):
        """{(outermost, …, innermost): samples}; `binaries` are looked up by build id."""
        for binary in binaries:
            subprocess.run(self.perf("buildid-cache", "-a", str(binary)), check=False,
                           capture_output=True)
        script = subprocess.run([*self.perf(*SCRIPT), str(self.data)], capture_output=True,
                                text=True, check=True, errors="replace", timeout=SCRIPT_TIMEOUT_S)
        return fold_script(script.stdout)

    def perf(self, *arguments):
        return ["perf", "--buildid-dir", str(self.folder / "binaries"), *arguments]


FRAME = re.compile(r"^\s+[0-9a-f]+ (.*) \((.*)\)$")


def fold_script(text):
    """Folds what `perf script -F comm,ip,sym,dso` prints: a line with the thread's name, a line for
    each frame from the innermost outwards, an empty line."""
    stacks = collections.Counter()
    thread, frames = None, []
    for line in [*text.splitlines(), ""]:
        frame = FRAME.match(line)
        if frame:
            frames.append(readable(frame.group(1), frame.group(2)))
        elif line.strip():
            thread = line.strip()
        elif thread is not None:
            stacks[(thread, *reversed(frames))] += 1
            thread, frames = None, []
    return stacks


def readable(symbol, library):
    """A frame's name: without offset and parameters; the library's name where there is no symbol."""
    symbol = re.sub(r"\+0x[0-9a-f]+$", "", symbol)
    if symbol == "[unknown]":
        return f"[{library.rpartition('/')[2]}]"
    return shorten_arguments(symbol)


def shorten_arguments(symbol):
    """Cuts the parameter list and the template arguments, which fill a box without telling much."""
    symbol = symbol.replace("(anonymous namespace)::", "").replace("operator()", "operator_call")
    previous = None
    while previous != symbol:  # from the inside outwards
        previous = symbol
        symbol = re.sub(r"<([^<>]|<>)+>", "<>", symbol)
        symbol = re.sub(r"\(([^()]|\(\))+\)", "()", symbol)
    symbol = re.sub(r"\(\)( const)?( \[clone [^\]]*\])?$", "", symbol)
    return symbol.replace("operator_call", "operator()")


def hottest(stacks, count):
    """[(share of all samples, frame)] by the time spent in the frame itself."""
    own = collections.Counter()
    for frames, samples in stacks.items():
        own[frames[-1]] += samples
    total = sum(own.values()) or 1
    return [(samples / total, frame) for frame, samples in own.most_common(count)]
