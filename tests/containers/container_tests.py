#!/usr/bin/env python3
"""The image, and clusters of containers made of it, with podman.

  container_tests.py CLAIM    exits 77 where podman is missing or cannot run
  container_tests.py --list   prints the claims

Environment: LEAT_BASE_IMAGE instead of debian:bookworm-slim; LEAT_IMAGE: an image to test instead of
one that is built. Everything that a test makes is removed at its end, but the image.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import podman as containers
from cluster import LOCKED, REGISTERED, Cluster, RunningJob
from podman import BUILD_IMAGE, IMAGE, Skipped, podman, say

ROOT = str(pathlib.Path(__file__).resolve().parents[2])
SKIP = 77
MEGABYTE = 1_000_000
LARGEST_MB, LARGEST_COMPRESSED_MB = 110, 60
TEXTS = "/usr/share/common-licenses"
JOBS = "/opt/leat/jobs"


def the_image_builds():
    containers.remove_leftovers()
    containers.build(ROOT)


def the_image_is_small():
    size = int(podman("image", "inspect", "-f", "{{.Size}}", IMAGE).stdout)
    with subprocess.Popen(["podman", "save", IMAGE], stdout=subprocess.PIPE) as saved:
        packed = subprocess.run(["gzip", "-c"], stdin=saved.stdout, check=True, capture_output=True)
    compressed = len(packed.stdout)
    say(f"image: {size / MEGABYTE:.1f} MB, compressed {compressed / MEGABYTE:.1f} MB")
    assert size < LARGEST_MB * MEGABYTE
    assert MEGABYTE < compressed < LARGEST_COMPRESSED_MB * MEGABYTE


def the_image_describes_itself():
    def shown(path):
        return podman("image", "inspect", "-f", "{{%s}}" % path, IMAGE).stdout.strip()
    assert shown(".Config.User") == "10001:10001"
    assert shown("json .Config.Entrypoint") == '["/usr/bin/tini","--","/opt/leat/bin/leat"]'
    version = podman("run", "--rm", IMAGE, "--version").stdout
    assert shown('index .Labels "org.opencontainers.image.version"') in version, version
    assert shown('index .Labels "org.opencontainers.image.title"') == "Leat"
    exposed = shown("json .Config.ExposedPorts")
    assert all(f'"{port}/tcp"' in exposed for port in (6122, 6123, 8081)), exposed


def it_runs_as_nobody_on_a_read_only_file_system():
    def shell(script):
        return podman("run", "--rm", *LOCKED, "--network", "none", "--entrypoint", "sh", IMAGE, "-c",
                      script).stdout
    assert shell("id -u; id -g").split() == ["10001", "10001"]
    assert shell("touch /opt/leat/x /etc/leat/x /x 2>/dev/null || echo refused") == "refused\n"
    assert shell("command -v leat") == "/usr/local/bin/leat\n"
    # Nothing needs a place to write but /tmp.
    rows = podman("run", "--rm", *LOCKED, "--network", "none", IMAGE, "local", "--mode", "batch",
                  f"{JOBS}/word_count.so", "--input", f"{TEXTS}/BSD").stdout
    assert "the\t" in rows
    for name in ("bin/leat", "lib/libleat.so.0", "jobs/sequence.so"):
        content = subprocess.run(["podman", "run", "--rm", "--entrypoint", "cat", IMAGE,
                                  f"/opt/leat/{name}"], check=True, capture_output=True).stdout
        assert b".dynsym" in content and b".debug_info" not in content, f"{name} is not stripped"


def counted_by_coreutils(cluster):
    text = cluster.shell(f"find {TEXTS} -maxdepth 1 -type f ! -name '.*' -exec cat {{}} + |"
                         " tr A-Z a-z | tr -cs a-z0-9_ '\\n' | grep . | sort | uniq -c")
    return sorted("\t".join(reversed(line.split())) for line in text.splitlines())


def check_word_count(cluster, parallelism):
    rows = cluster.client("run", "--mode", "batch", "-p", str(parallelism), f"{JOBS}/word_count.so",
                          "--input", TEXTS)
    expected = counted_by_coreutils(cluster)
    assert len(expected) > 1000
    assert sorted(rows.splitlines()) == expected, "other counts than coreutils'"
    say(f"{len(expected)} words, as coreutils count them")


def a_cluster_counts_words():
    with Cluster() as cluster:
        cluster.start_job_manager()
        cluster.start_task_managers()
        check_word_count(cluster, parallelism=4)
        # The image's leat.conf has parallelism.default = 2.
        cluster.client("run", "--mode", "batch", f"{JOBS}/word_count.so", "--input", TEXTS,
                       "--output", "/output/words")
        assert len(cluster.shell("ls /output/words").split()) == 2


def a_cluster_with_tls_counts_words():
    make_ca = f"{ROOT}/docker/make-ca"
    if not shutil.which("openssl"):
        raise Skipped("openssl is not installed")
    with Cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        subprocess.run([make_ca, folder], check=True)
        cluster.use_tls(folder)
        cluster.start_job_manager()
        cluster.start_task_managers()
        check_word_count(cluster, parallelism=4)
        # Who has no certificate learns nothing, and the others go on.
        stranger = podman("run", "--rm", *cluster.label, *LOCKED, "--network", cluster.name, IMAGE,
                          "list", "-m", "jobmanager:6123", "-D", "client.timeout=2s", check=False)
        say(f"without a certificate: exit code {stranger.returncode}: {stranger.stderr.strip()}")
        assert stranger.returncode == 3 and stranger.stdout == ""
        check_word_count(cluster, parallelism=2)


def health_and_metrics_are_shown_over_http():
    with Cluster() as cluster:
        early = cluster.start_task_manager(1)

        def get(host, path):
            return cluster.shell(f"exec 3<>/dev/tcp/{host}/8081;"
                                 f" printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
                                 shell="bash", network=cluster.name)
        # Alive, but of no use without a JobManager.
        cluster.await_log(early, "event=http_listening")
        assert " 200 " in get(early, "/healthz") and " 503 " in get(early, "/readyz")
        cluster.start_job_manager()
        cluster.await_log(cluster.job_manager, REGISTERED)
        for host in (early, "jobmanager"):
            containers.until(lambda: " 200 " in get(host, "/readyz"), f"{host} is not ready")
        assert "\nleat_" in get("jobmanager", "/metrics")


RATE, KEYS = 20_000, 100  # numbers per second


def start_sequence(cluster, count=10 * RATE):
    """Ten seconds of work, or more; returns when a checkpoint is complete."""
    job = RunningJob(cluster, "-p", "4", "-D", "execution.checkpointing.interval=200ms",
                     f"{JOBS}/sequence.so", "--count", str(count), "--keys", str(KEYS),
                     "--rate", str(RATE), "--output", "/output/sequence")
    cluster.await_log(cluster.job_manager, "event=checkpoint_completed", times=3)
    return job


def check_sequence(cluster, count=10 * RATE):
    written, distinct, largest = cluster.shell(
        "cd /output/sequence/numbers; cat * | wc -l; cat * | sort -un | wc -l;"
        " cat * | sort -n | tail -n 1").split()
    assert (int(written), int(distinct), int(largest)) == (count, count, count - 1), \
        f"{written} numbers, {distinct} of them distinct, the largest {largest}; wanted 0 to {count - 1}"
    sums = sorted(cluster.shell("cat /output/sequence/sums/*").splitlines())
    expected = sorted(f"{key}\t{count // KEYS}\t{sum(range(key, count, KEYS))}" for key in range(KEYS))
    assert sums == expected, "other sums than arithmetic's"
    say(f"{count} numbers, each once, and the sums of {KEYS} keys")


def restarts(container):
    return int(podman("inspect", "-f", "{{.RestartCount}}", container).stdout)


def a_killed_taskmanager_is_survived():
    with Cluster() as cluster:
        cluster.start_job_manager()
        victim, _ = cluster.start_task_managers()
        job = start_sequence(cluster)
        containers.kill_from_outside(victim)
        # podman starts it again, it registers anew, and the job goes on.
        cluster.await_log(cluster.job_manager, REGISTERED, times=3)
        job.join(120)
        assert restarts(victim) == 1
        log = cluster.log(cluster.job_manager)
        assert "event=taskmanager_lost" in log and "event=restart" in log
        check_sequence(cluster)


def a_killed_jobmanager_is_survived():
    with Cluster() as cluster:
        cluster.start_job_manager()
        cluster.start_task_managers()
        job = start_sequence(cluster)
        containers.kill_from_outside(cluster.job_manager)
        cluster.await_log(cluster.job_manager, REGISTERED, times=4)
        job.join(120)
        assert restarts(cluster.job_manager) == 1
        assert "event=job_recovered" in cluster.log(cluster.job_manager)
        check_sequence(cluster)


def a_rolling_upgrade_loses_nothing():
    """All containers are replaced while a job runs, as `compose up` does with another image."""
    count = 20 * RATE
    with Cluster() as cluster:
        cluster.start_job_manager()
        task_managers = cluster.start_task_managers(3)
        job = start_sequence(cluster, count)
        ended(cluster, cluster.job_manager)
        cluster.remove(cluster.job_manager)
        cluster.start_job_manager()
        cluster.await_log(cluster.job_manager, REGISTERED, times=3)
        for number, container in enumerate(task_managers, 1):
            log = ended(cluster, container)
            assert "event=left" in log, log
            cluster.remove(container)
            cluster.start_task_manager(number)
            cluster.await_log(cluster.job_manager, REGISTERED, times=3 + number)
        assert job.process.poll() is None, "the job ended before all were replaced"
        job.join(120)
        log = cluster.log(cluster.job_manager)
        assert log.count("event=taskmanager_left") == 3
        # The one attempt more is the new JobManager's.
        assert "event=taskmanager_lost" not in log and log.count("event=restart") == 1
        check_sequence(cluster, count)


def ended(cluster, container):
    """Ends it by SIGTERM, which must leave exit code 0. Returns its log."""
    started = time.monotonic()
    podman("stop", "-t", "30", container)
    code = podman("inspect", "-f", "{{.State.ExitCode}}", container).stdout.strip()
    say(f"{container}: exit code {code} after {time.monotonic() - started:.1f} s")
    assert code == "0"
    log = cluster.log(container)
    assert "event=stopped" in log
    return log


def sigterm_ends_promptly_with_zero():
    with Cluster() as cluster:
        job_manager = cluster.start_job_manager()
        task_managers = cluster.start_task_managers()
        for container in (*task_managers, job_manager):
            started = time.monotonic()
            ended(cluster, container)
            assert time.monotonic() - started < 10


def containers_that_share_process_ids_are_told_apart():
    """All of them process 1 behind one network card: CAF would take each for itself."""
    with Cluster() as cluster:
        alone = ["--entrypoint", "/opt/leat/bin/leat", "-e", "LEAT_HTTP_PORT=0"]
        job_manager = cluster.start("jobmanager", "jobmanager", "--host", "127.0.0.1",
                                    podman_options=[*alone, *cluster.volume("data")])
        cluster.job_manager = job_manager
        cluster.await_log(job_manager, "event=listening")
        shared = f"container:{job_manager}"
        task_managers = [
            cluster.start(f"taskmanager-{number}", "taskmanager", "--host", "127.0.0.1", "--port", "0",
                          "--slots", "2", podman_options=alone, network=shared) for number in (1, 2)]
        cluster.await_log(job_manager, REGISTERED, times=2)
        for container in (job_manager, *task_managers):
            assert podman("exec", container, "cat", "/proc/1/comm").stdout.strip() == "leat"
        # Without --network of its own a client cannot name the JobManager either.
        rows = podman("run", "--rm", *cluster.label, *LOCKED, "--network", shared, *alone, IMAGE, "run",
                      "--mode", "batch", "-p", "4", f"{JOBS}/word_count.so", "--input", TEXTS).stdout
        assert sorted(rows.splitlines()) == counted_by_coreutils(cluster)
        # A process that is started again is another one.
        containers.kill_from_outside(task_managers[0])
        log = cluster.await_log(job_manager, REGISTERED, times=3)
        registered = [line for line in log.splitlines() if REGISTERED in line]
        for field in ("taskmanager", "incarnation"):
            values = [re.search(rf"\b{field}=(\S+)", line).group(1) for line in registered]
            assert len(set(values)) == 3, f"{field}: {values}"


def refused(cluster, expected, *leat, podman_options=(), locked=LOCKED, code=None):
    """The container ends by itself, and one line of its log says why."""
    ended = podman("run", "--rm", *cluster.label, *locked, "--network", cluster.name, *podman_options,
                   IMAGE, *leat, check=False)
    log = ended.stdout + ended.stderr
    say(f"exit code {ended.returncode}: {log.strip()}")
    assert ended.returncode != 0 and (code is None or ended.returncode == code), ended.returncode
    lines = [line for line in log.splitlines() if all(word in line for word in expected)]
    assert len(lines) == 1, f"wanted one line with {expected}"


def bad_input_is_told_in_one_line():
    job_manager = ["jobmanager", "--insecure"]
    with Cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        say("-- no volume")
        refused(cluster, ["/data", "Read-only"], *job_manager)
        say("-- a volume that cannot be written")
        refused(cluster, ["/data", "Read-only"], *job_manager,
                podman_options=cluster.volume("data", options=":ro"))
        say("-- a volume of somebody else")
        refused(cluster, ["/data", "Permission denied"], *job_manager,
                podman_options=["--tmpfs", "/data:mode=0700"])
        say("-- a volume that is full")
        refused(cluster, ["/tmp/data", "No space left"], *job_manager, "--data-dir", "/tmp/data",
                locked=["/tmp:size=16k" if option == "/tmp:exec" else option for option in LOCKED])
        say("-- no encryption, and nobody said that this is meant")
        refused(cluster, ["--insecure"], "jobmanager", podman_options=cluster.volume("data"), code=2)
        say("-- an unknown key")
        conf = pathlib.Path(folder) / "leat.conf"
        conf.write_text("paralelism.default = 2\n")
        os.chmod(folder, 0o755)
        for command in ("jobmanager", "taskmanager"):
            refused(cluster, ["/etc/leat/leat.conf, line 1", "parallelism.default"], command,
                    "--insecure", podman_options=["-v", f"{conf}:/etc/leat/leat.conf:ro"], code=2)
        say("-- a client that finds no JobManager")
        refused(cluster, ["leat list:", "nowhere:6123"], "list", "-m", "nowhere:6123",
                "-D", "client.timeout=1s", code=3)
        say("-- a TaskManager that finds no JobManager says so, and keeps trying")
        task_manager = cluster.start("early", "taskmanager", "--insecure", "-m", "nowhere:6123")
        log = cluster.await_log(task_manager, "event=jobmanager_lost")
        assert "nowhere:6123" in log and "action=reconnect" in log
        late = cluster.start("late", *job_manager, podman_options=[
            "--network-alias", "nowhere", *cluster.volume("data")])
        cluster.await_log(late, REGISTERED)
        assert restarts(task_manager) == 0


def a_job_compiles_in_the_build_stage():
    """And runs in the image, as docs/containers.md tells."""
    if podman("image", "exists", BUILD_IMAGE, check=False).returncode != 0:
        raise Skipped(f"there is no {BUILD_IMAGE}: LEAT_IMAGE names an image that was built elsewhere")
    with Cluster() as cluster:
        job = cluster.new_volume("job")
        podman("run", "--rm", *cluster.label, "--network", "none", *job,
               "-v", f"{ROOT}/examples/external_job:/source:ro", BUILD_IMAGE, "sh", "-c",
               "cmake -S /source -B /job -G Ninja && cmake --build /job", timeout=250)
        rows = podman("run", "--rm", *cluster.label, *LOCKED, "--network", "none", *job,
                      *cluster.volume("output"), IMAGE, "local", "--mode", "batch",
                      "/job/word_lengths.so", "--input", TEXTS, "--output", "/output/lengths")
        assert "has finished" in rows.stderr, rows.stderr
        assert cluster.shell("cat /output/lengths/* | grep -c .").strip().isdigit()


CLAIMS = {function.__name__: function for function in (
    the_image_builds,  # first: the others need it
    the_image_is_small,
    the_image_describes_itself,
    it_runs_as_nobody_on_a_read_only_file_system,
    a_cluster_counts_words,
    a_cluster_with_tls_counts_words,
    health_and_metrics_are_shown_over_http,
    a_killed_taskmanager_is_survived,
    a_killed_jobmanager_is_survived,
    a_rolling_upgrade_loses_nothing,
    sigterm_ends_promptly_with_zero,
    containers_that_share_process_ids_are_told_apart,
    bad_input_is_told_in_one_line,
    a_job_compiles_in_the_build_stage,
)}


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(CLAIMS))
        return 0
    if len(sys.argv) != 2 or sys.argv[1] not in CLAIMS:
        print(__doc__, file=sys.stderr)
        return 2
    # So that a `with` cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    try:
        containers.require()
        CLAIMS[sys.argv[1]]()
    except Skipped as reason:
        say(f"skipped: {reason}")
        return SKIP
    return 0


if __name__ == "__main__":
    sys.exit(main())
