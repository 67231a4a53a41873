"""Runs one process and measures it: wall time from exec to exit, CPU time, peak memory."""

import os
import pathlib
import subprocess
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


class Runner:
    """Runs programs through bench/run_measured, which measures them."""

    def __init__(self, launcher):
        self.launcher = pathlib.Path(launcher)

    def run(self, command, scratch, timeout_s=600):
        """Runs `command` to its end; raises BenchError when it fails. Output goes through files, so
        that a slow reader on our side cannot hold the program back."""
        command = [str(word) for word in command]
        scratch = pathlib.Path(scratch)
        report = scratch / "measured"
        report.unlink(missing_ok=True)
        with open(scratch / "stdout", "wb") as out, open(scratch / "stderr", "wb") as err:
            try:
                subprocess.run([self.launcher, report, *command], stdin=subprocess.DEVNULL,
                               stdout=out, stderr=err, timeout=timeout_s, check=False)
            except subprocess.TimeoutExpired as error:
                raise BenchError(f"`{' '.join(command)}` did not end within {timeout_s} s and was "
                                 "killed") from error
            except OSError as error:
                raise BenchError(f"cannot run {self.launcher}: {error}; './dev build' makes "
                                 "it") from error
        stdout = (scratch / "stdout").read_text(errors="replace")
        stderr = (scratch / "stderr").read_text(errors="replace")
        if not report.exists():
            raise BenchError(failure_text(command, "was not measured", stderr))
        wall_ns, user_us, sys_us, peak_kb, status = map(int, report.read_text().split())
        if status != 0:
            raise BenchError(failure_text(command, f"exited with {status}", stderr))
        return Sample(wall_ns / 1e9, user_us / 1e6, sys_us / 1e6, peak_kb / 1024,
                      stdout=stdout, stderr=stderr)


def fact(name, unit, values, limit=None, digits=1):
    """One measured quantity; the goal is to stay below `limit`."""
    return {"name": name, "unit": unit, "values": values, "limit": limit, "digits": digits}


def failure_text(command, reason, stderr):
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
