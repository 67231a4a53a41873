"""6: everything but the volume is deleted and applied again."""

import re

from client import Sequence, check_sequence, run as run_client
from kube import expect, get


def run(t):
    cluster = t.cluster
    cluster.start()
    with t.step("a job is stopped with a savepoint on the volume") as details:
        stopped = Sequence(cluster, "client-stopped", 4, seconds=60)
        running = Sequence(cluster, "client-running", 4, seconds=100)
        for job in (stopped, running):
            job.wait_running("running 4 of 4")
            cluster.wait_checkpoint(job.id)
        answer = cluster.leat("stop", stopped.id, "--savepoint", "/data/savepoints")
        path = re.search(r"/data/savepoints/\S+", answer).group()
        first_rows = stopped.client.rows(60)
        cluster.wait_checkpoint(running.id)
        details.append(f"after {len(first_rows)} of {stopped.count} numbers")
    with t.step("all is deleted but the volume, and applied again"):
        volume = get("pvc", "-n", cluster.namespace, "data-leat-jobmanager-0")["spec"]["volumeName"]
        cluster.delete_objects()
        cluster.apply()
        cluster.wait_ready()
        kept = get("pvc", "-n", cluster.namespace, "data-leat-jobmanager-0")["spec"]["volumeName"]
        expect(kept == volume, "the new JobManager has another volume")
    with t.step("the job that ran goes on by itself") as details:
        running.wait_running("running 4 of 4")
        details.append(running.expect_exactly_once())
    with t.step("the stopped one goes on from its savepoint") as details:
        resumed = run_client(cluster, "client-resumed", ["-p", "3", "-s", path], "sequence",
                             ["--count", str(stopped.count), "--keys", str(stopped.KEYS), "--rate", "2000"])
        check_sequence(first_rows + resumed.rows(120), stopped.count, stopped.KEYS)
        details.append(f"{stopped.count} numbers once each over both runs")
