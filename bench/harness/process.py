"""Runs one process and measures it: wall time from exec to exit, CPU time, peak memory."""

import os
import pathlib
import signal
import subprocess
import threading
import time
from dataclasses import dataclass


class BenchError(Exception):
    """Something a person has to know: what failed, and where to look."""


@dataclass
class Sample:
    """One run. job_s is the job's own run time, as the command line prints it; loops have none."""

    wall_s: float
    user_s: float
    sys_s: float
    peak_rss_mb: float
    job_s: float | None = None
    stdout: str = ""
    stderr: str = ""

    @property
    def cpu_s(self):
        return self.user_s + self.sys_s

    def as_json(self):
        names = ("wall_s", "user_s", "sys_s", "peak_rss_mb", "job_s")
        return {name: getattr(self, name) for name in names}


def run_process(command, scratch, timeout_s=600):
    """Runs `command` to its end; raises BenchError when it fails. Output goes through files, so that
    a slow reader on our side cannot hold the process back."""
    command = [str(word) for word in command]
    out_path, err_path = pathlib.Path(scratch) / "stdout", pathlib.Path(scratch) / "stderr"
    with open(out_path, "wb") as out, open(err_path, "wb") as err:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        watchdog = threading.Timer(timeout_s, process.kill)
        watchdog.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            watchdog.cancel()
        wall_s = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    stdout = out_path.read_text(errors="replace")
    stderr = err_path.read_text(errors="replace")
    if process.returncode != 0:
        raise BenchError(failure_text(command, process.returncode, wall_s, timeout_s, stderr))
    return Sample(wall_s, usage.ru_utime, usage.ru_stime, usage.ru_maxrss / 1024,
                  stdout=stdout, stderr=stderr)


def failure_text(command, code, wall_s, timeout_s, stderr):
    if code == -signal.SIGKILL and wall_s >= timeout_s:
        reason = f"did not end within {timeout_s} s and was killed"
    elif code < 0:
        reason = f"was ended by signal {-code}"
    else:
        reason = f"exited with {code}"
    last_lines = "\n".join("    " + line for line in stderr.splitlines()[-12:])
    return f"`{' '.join(command)}` {reason}\n{last_lines}"


def memory_mb(pid, field="VmRSS"):
    """A running process's memory from /proc: VmRSS now, VmHWM at its peak."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise BenchError(f"process {pid} has no {field}; has it ended?")


def cpu_s(pid):
    """User and system time a running process has used so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / ticks, int(fields[12]) / ticks
