"""What checkpoints cost and what they give: throughput with and without them, bytes sent against bytes
changed, the longest pause of the record flow, and the time from the kill of a TaskManager to the first
record again. Each run is a cluster of processes with a synced store."""

import calendar
import json
import re
import signal
import subprocess
import threading
import time

from harness.cluster import Cluster
from harness.compare import progress, scratch_folder
from harness.facts import fact
from harness.process import BenchError

KEYS = 1_000_000
VALUE_BYTES = 84            # with key and count about 100 bytes an entry
TOUCHED_PART = 0.01
RUN_S = 12
SETTLE_MS = 3000            # the checkpoints that send all of the state for the first time are over by then
KILLS = 5
RESTORE_TIMEOUT_S = 60


class Run:
    """A client that runs bench_keyed_state on a cluster, and all checkpoints that were seen."""

    def __init__(self, setting, cluster, marks, interval, count, window, keys=KEYS, rate=0, skewed=False):
        self.setting, self.cluster = setting, cluster
        self.checkpoints = {}
        self.log = cluster.folder / "client.log"
        settings = ["-D", f"execution.checkpointing.interval={interval}"] if interval else []
        command = [setting.leat, "run", "-m", cluster.address, "-p", 2, *settings,
                   setting.programs / "bench_keyed_state.so", "--count", count, "--keys", keys,
                   "--value-bytes", VALUE_BYTES, "--touched", max(1, int(keys * TOUCHED_PART)),
                   "--window", window, "--marks", marks, "--settle-ms", setting.size(SETTLE_MS)]
        if rate:
            command += ["--rate", rate]
        if skewed:
            command += ["--skewed", 1]
        with open(self.log, "wb") as log:
            self.client = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=subprocess.STDOUT)

    def text(self):
        return self.log.read_text(errors="replace")

    def job(self):
        deadline = time.monotonic() + RESTORE_TIMEOUT_S
        while time.monotonic() < deadline:
            found = re.search(r"with JobID ([0-9a-f]{32})", self.text())
            if found:
                return found.group(1)
            if self.client.poll() is not None and self.client.returncode != 0:
                break
            time.sleep(0.05)
        raise BenchError(f"the job was not submitted\n{self.text()}")

    def look(self):
        """Remembers the checkpoints that are listed now; the list is bounded, so look now and then."""
        out = subprocess.run([self.setting.leat, "checkpoints", "-m", self.cluster.address, "--json",
                              self.job()], capture_output=True, text=True, check=False)
        if out.returncode == 0:
            for one in json.loads(out.stdout)["checkpoints"]:
                self.checkpoints[one["id"]] = one

    def finish(self):
        """The job's run time in seconds."""
        self.job()
        watcher = threading.Thread(target=self.watch)
        watcher.start()
        code = self.client.wait()
        watcher.join()
        found = re.search(r"Job Runtime: (\d+) ms", self.text())
        if code != 0 or not found:
            raise BenchError(f"the job failed with {code}\n{self.text()[-2000:]}")
        return int(found.group(1)) / 1000

    def watch(self):
        while self.client.poll() is None:
            self.look()
            time.sleep(0.5)

    def complete(self):
        return [one for one in self.checkpoints.values() if one["status"] == "COMPLETED"]


def keys_of(setting, keys=KEYS):
    return setting.size(keys)


def calibrate(setting, folder, keys):
    """Records per second without checkpoints."""
    with scratch_folder(folder) as scratch:
        with Cluster(setting.leat, scratch / "cluster", task_managers=2, slots=1) as cluster:
            count = keys * 6
            seconds = Run(setting, cluster, scratch / "marks", None, count, count, keys).finish()
            return count / seconds


def checkpoint_throughput(setting, runs, folder):
    """Keyed state of 100 MB, 1 % of the keys touched per second: throughput with a checkpoint every
    second and every 100 ms against none, in one round each, from when all of the state has been sent once;
    what was sent against what changed."""
    keys = keys_of(setting)
    speed = calibrate(setting, folder, keys)
    count = keys + int(speed * setting.size(RUN_S * 20) / 20)
    window = max(1, int(speed))
    ratios = {"1 s": [], "100 ms": []}
    sent = {"1 s": [], "100 ms": []}
    durations = {"1 s": [], "100 ms": []}
    for number in range(runs):
        rates = {}
        for interval in (None, *ratios):
            progress(f"checkpoints every {interval}: run {number + 1} of {runs}")
            with scratch_folder(folder) as scratch:
                marks = scratch / "marks"
                with Cluster(setting.leat, scratch / "cluster", task_managers=2, slots=1) as cluster:
                    run = Run(setting, cluster, marks, interval, count, window, keys)
                    run.finish()
                rates[interval] = sum(marked(marks, "rate"))
            if interval:
                ratios[interval].append(rates[interval] / rates[None])
                # The first ones send the state as it grows.
                later = [one for one in run.complete() if one["state_bytes"] > 0][:-1]
                later = [one for one in later if one["sent_bytes"] < one["state_bytes"] / 2]
                sent[interval] += [one["sent_bytes"] / 1e6 for one in later]
                durations[interval] += [one["duration_ms"] for one in later]
    progress("")
    changed_mb = keys * TOUCHED_PART * (VALUE_BYTES + 16) / 1e6
    facts = [fact("records a second without checkpoints", "M", [speed / 1e6], digits=2),
             fact("state changed a second, by the workload's design", "MB", [changed_mb], digits=2)]
    for interval, goal in (("1 s", 0.95), ("100 ms", 0.9)):
        facts.append(fact(f"throughput with a checkpoint every {interval}, of that without", "times",
                          ratios[interval], digits=3) | {"least": goal})
        if sent[interval]:
            facts.append(fact(f"sent per checkpoint every {interval}", "MB", sent[interval], digits=2,
                              limit=5 if interval == "1 s" else None))
            facts.append(fact(f"duration of a checkpoint every {interval}", "ms", durations[interval],
                              digits=0))
    return facts


def marked(marks, what):
    """The figures that the subtasks left in the file of their marks."""
    return [int(line.split()[1]) for line in marks.read_text().splitlines()
            if line.startswith(what + " ")]


def checkpoint_pause(setting, runs, folder):
    """State of 1 GB, a checkpoint every second: the longest time between two records of a subtask, over
    that of a run without checkpoints."""
    del runs
    keys = keys_of(setting, 10 * KEYS)
    speed = calibrate(setting, folder, keys)
    count = keys + int(speed * setting.size(RUN_S * 20) / 20)
    facts = []
    for skewed, name in ((False, "uniformly"), (True, "with skew")):
        longest = {}
        for interval in (None, "1 s"):
            progress(f"pause at 1 GB, {name}, checkpoints every {interval}")
            with scratch_folder(folder) as scratch:
                marks = scratch / "marks"
                with Cluster(setting.leat, scratch / "cluster", task_managers=2, slots=1) as cluster:
                    Run(setting, cluster, marks, interval, count, max(1, int(speed)), keys,
                        skewed=skewed).finish()
                longest[interval] = max(marked(marks, "pause")) / 1e6
        facts += [fact(f"longest pause without checkpoints, keys touched {name}", "ms", [longest[None]]),
                  fact(f"longest pause with one a second, keys touched {name}, beyond that", "ms",
                       [max(0.0, longest["1 s"] - longest[None])], limit=20)]
    progress("")
    return facts


def logged(cluster, pattern, after):
    """Unix time of the first line of the JobManager's log that matches, not before `after`."""
    deadline = time.monotonic() + RESTORE_TIMEOUT_S
    while time.monotonic() < deadline:
        for line in cluster.job_manager.log.read_text(errors="replace").splitlines():
            if not re.search(pattern, line):
                continue
            stamp = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})Z", line)
            when = unix_time(stamp.group(1)) + int(stamp.group(2)) / 1000
            if when >= after - 0.001:
                return when
        time.sleep(0.02)
    raise BenchError(f"the JobManager did not log {pattern!r}")


def unix_time(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))


def first_record(marks, after):
    """When the last subtask of the attempt processed its first record."""
    deadline = time.monotonic() + RESTORE_TIMEOUT_S
    while time.monotonic() < deadline:
        times = [int(line.split()[1]) / 1e9 for line in marks.read_text().splitlines()
                 if line.startswith("first ")]
        times = [when for when in times if when > after]
        if len(times) >= 2:
            return max(times)
        time.sleep(0.02)
    raise BenchError("the job did not go on")


def recovery(setting, runs, folder):
    """kill -9 of a TaskManager with a spare slot elsewhere and 100 MB of state: from the kill to the first
    record of every subtask, by parts. Source and sinks are idle for no part of it."""
    del runs
    keys = keys_of(setting)
    parts = {"detect": [], "place": [], "restore": [], "all": []}
    for number in range(KILLS):
        progress(f"recovery: kill {number + 1} of {KILLS}")
        with scratch_folder(folder) as scratch:
            marks = scratch / "marks"
            with Cluster(setting.leat, scratch / "cluster", task_managers=3, slots=1) as cluster:
                run = Run(setting, cluster, marks, "1 s", 10**12, 200_000, keys, rate=200_000)
                complete_state(run, keys)
                killed = time.time()
                busy_task_manager(cluster).process.send_signal(signal.SIGKILL)
                lost = logged(cluster, r"event=taskmanager_lost", killed)
                running = logged(cluster, r"event=job_state .*to=RUNNING", lost)
                first = first_record(marks, killed)
                run.client.kill()
        parts["detect"].append((lost - killed) * 1000)
        parts["place"].append((running - lost) * 1000)
        parts["restore"].append((first - running) * 1000)
        parts["all"].append((first - killed) * 1000)
    progress("")
    return [fact("from the kill to the first record of all subtasks", "ms", parts["all"], 1000, 0),
            fact("… until the loss was noticed", "ms", parts["detect"], digits=0),
            fact("… until slots were placed and deployed", "ms", parts["place"], digits=0),
            fact("… until state was restored and the first record processed", "ms", parts["restore"],
                 digits=0)]


def complete_state(run, keys):
    """Waits for a complete checkpoint that holds all keys."""
    deadline = time.monotonic() + RESTORE_TIMEOUT_S
    while time.monotonic() < deadline:
        run.look()
        if any(one["state_bytes"] > keys * VALUE_BYTES for one in run.complete()):
            return
        time.sleep(0.2)
    raise BenchError("no checkpoint with all of the state was completed")


def busy_task_manager(cluster):
    """One that runs a subtask: it has loaded the job object."""
    for daemon in cluster.task_managers:
        with open(f"/proc/{daemon.pid}/maps", encoding="utf-8", errors="replace") as maps:
            if "/artefacts/" in maps.read():
                return daemon
    raise BenchError("no TaskManager runs the job")


CHECKPOINT_FACTS = {"checkpoint_throughput": checkpoint_throughput, "checkpoint_pause": checkpoint_pause,
                    "recovery": recovery}
