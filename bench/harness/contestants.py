"""Who takes part in a comparison: a hand-written loop, the engine in one process, or a cluster."""

import pathlib
import re

from harness.cluster import Cluster
from harness.process import BenchError

# `leat run` and `leat local` end with the job's state and its run time.
JOB_RUN_TIME = re.compile(r"^Job Runtime: ([0-9]+) ms\b", re.MULTILINE)


def job_run_time_s(text):
    """The job's run time as the command line printed it, None if it did not."""
    matches = JOB_RUN_TIME.findall(text)
    if not matches:
        return None
    return int(matches[-1]) / 1000


class Contestant:
    """Runs one program once in a fresh folder. `result` is the folder or file it writes, if any."""

    is_engine = False

    def __init__(self, name):
        self.name = name

    def command(self, scratch):
        """The command that is measured."""
        raise NotImplementedError

    def result(self, scratch):
        return pathlib.Path(scratch) / "result"

    def run(self, scratch, runner):
        return runner.run(self.command(scratch), scratch)


class Loop(Contestant):
    """A hand-written loop. `RESULT` in its arguments stands for the file it writes."""

    def __init__(self, name, program, *arguments):
        super().__init__(name)
        self.program = program
        self.arguments = arguments

    def command(self, scratch):
        result = self.result(scratch)
        return [self.program, *(result if word == "RESULT" else word for word in self.arguments)]


class Engine(Contestant):
    """A job object and its arguments, in any way of running it."""

    is_engine = True

    def __init__(self, name, leat, job, arguments, parallelism, mode="batch", options=()):
        super().__init__(name)
        self.leat = leat
        self.parallelism = parallelism
        self.options = ["-p", parallelism, "--mode", mode, *options]
        self.job = job
        self.arguments = arguments

    def job_words(self, scratch):
        result = self.result(scratch)
        return [self.job, *(result if word == "RESULT" else word for word in self.arguments)]


class LocalEngine(Engine):
    """`leat local`: JobManager, TaskManager and slots in the process that is measured."""

    def command(self, scratch):
        return [self.leat, "local", "--slots", self.parallelism, *self.options,
                *self.job_words(scratch)]

    def run(self, scratch, runner):
        sample = runner.run(self.command(scratch), scratch)
        sample.job_s = job_run_time_s(sample.stdout + sample.stderr)
        return sample


class ClusterEngine(Engine):
    """Separate processes, started before and stopped after: the wall time is that of `leat run`,
    CPU time and memory are those of the daemons."""

    def __init__(self, *arguments, task_managers=2, **named):
        super().__init__(*arguments, **named)
        self.task_managers = task_managers
        self.on_start = lambda cluster: None  # a profiler attaches here
        self.address = None

    def command(self, scratch):
        return [self.leat, "run", "-m", self.address, *self.options, *self.job_words(scratch)]

    def run(self, scratch, runner):
        slots, rest = divmod(self.parallelism, self.task_managers)
        if rest:
            raise BenchError(f"{self.name}: {self.parallelism} slots do not fit "
                             f"{self.task_managers} TaskManagers evenly")
        with Cluster(self.leat, pathlib.Path(scratch) / "cluster", self.task_managers, slots) as cluster:
            self.address = cluster.address
            self.on_start(cluster)
            user_before, sys_before = cluster.cpu_s()
            sample = runner.run(self.command(scratch), scratch)
            user, system = cluster.cpu_s()
            sample.user_s = user - user_before
            sample.sys_s = system - sys_before
            sample.peak_rss_mb = cluster.peak_memory_mb()
            sample.job_s = job_run_time_s(sample.stdout + sample.stderr)
        return sample
