"""A cluster of separate processes on loopback: one JobManager, some TaskManagers, as a user has it."""

import pathlib
import re
import subprocess
import time

from harness.process import BenchError, cpu_s, memory_mb

LISTENING = re.compile(r"\bevent=listening\b.*\baddress=\"?([^\s\"]+)")
READY_TIMEOUT_S = 20


class Daemon:
    """A `leat` process that runs until it is stopped; its log is a file."""

    def __init__(self, command, log):
        self.log = pathlib.Path(log)
        self.command = [str(word) for word in command]
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self.process.pid

    def wait_for_log(self, pattern):
        """The first match of `pattern` in the log, waiting for it."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            match = re.search(pattern, self.log.read_text(errors="replace"))
            if match:
                return match
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        tail = "\n".join("    " + line for line in self.log.read_text().splitlines()[-12:])
        raise BenchError(f"`{' '.join(self.command)}` did not log {pattern!r} "
                         f"within {READY_TIMEOUT_S} s\n{tail}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Cluster:
    """`with Cluster(leat, folder, task_managers=2, slots=1) as cluster:` starts the processes, waits
    until all TaskManagers are registered, and stops them all at the end."""

    # Said by the JobManager for each TaskManager.
    REGISTERED = r"\bevent=taskmanager_registered\b"

    def __init__(self, leat, folder, task_managers, slots):
        self.leat = pathlib.Path(leat)
        self.folder = pathlib.Path(folder)
        self.count = task_managers
        self.slots = slots
        self.daemons = []
        self.address = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        data = self.folder / "jobmanager"
        data.mkdir(parents=True)
        self.spawn("jobmanager", "--port", 0, "--data-dir", data)
        self.address = self.job_manager.wait_for_log(LISTENING).group(1)
        for _ in range(self.count):
            self.spawn("taskmanager", "--jobmanager", self.address, "--port", 0, "--slots", self.slots)
        self.job_manager.wait_for_log(rf"(?s)({self.REGISTERED}.*?){{{self.count}}}")

    def spawn(self, *arguments):
        log = self.folder / f"{arguments[0]}-{len(self.daemons)}.log"
        self.daemons.append(Daemon([self.leat, *arguments], log))

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.stop()

    @property
    def job_manager(self):
        return self.daemons[0]

    @property
    def task_managers(self):
        return self.daemons[1:]

    def cpu_s(self):
        """User and system time of all processes so far."""
        times = [cpu_s(daemon.pid) for daemon in self.daemons]
        return sum(user for user, _ in times), sum(system for _, system in times)

    def peak_memory_mb(self):
        """Of the process that needed most."""
        return max(memory_mb(daemon.pid, "VmHWM") for daemon in self.daemons)
