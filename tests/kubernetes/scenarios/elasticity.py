"""5: more and fewer TaskManagers, a drained node, another image: jobs move without losing or repeating anything."""

import re

from client import Sequence
from kube import Skipped, expect, kubectl, wait_until


def run(t):
    cluster = t.cluster
    cluster.start()
    with t.step("scale 4 to 6: waiting subtasks are taken up; 6 to 2: they move") as details:
        job = Sequence(cluster, "client-scaled", 12, seconds=90)
        job.wait_running("running 8 of 12, 4 waiting for slots")
        cluster.wait_checkpoint(job.id)
        cluster.scale(6)
        job.wait_running("running 12 of 12", seconds=60)
        cluster.scale(2)
        job.wait_running("running 4 of 12, 8 waiting for slots", seconds=60)
        job.expect_running()
        cluster.wait_ready(2)
        left_in_order(cluster, job)
        details.append(job.expect_exactly_once())
    with t.step("a TaskManager's pod is deleted: it leaves in time") as details:
        cluster.scale(4)
        cluster.wait_ready()
        job = Sequence(cluster, "client-left", 8, seconds=40)
        job.wait_running("running 8 of 8")
        cluster.wait_checkpoint(job.id)
        cluster.kubectl("delete", "pod", cluster.pods("taskmanager")[0]["metadata"]["name"])
        job.wait_running("running 8 of 8")
        job.expect_running()
        left_in_order(cluster, job)
        cluster.wait_ready()
        details.append(job.expect_exactly_once())
    with t.step("a node is drained") as details:
        if cluster.home is None:
            raise Skipped("there is one node only")
        job = Sequence(cluster, "client-drained", 6, seconds=120)
        job.wait_running("running 6 of 6")
        cluster.wait_checkpoint(job.id)
        try:
            kubectl("drain", cluster.victim, "--delete-emptydir-data", "--ignore-daemonsets",
                    f"--pod-selector=leat-test={cluster.namespace}", "--timeout=120s", timeout=150)
            job.wait_running("running 6 of 6")
            job.expect_running()
            cluster.wait_ready()
            placed = {pod["spec"]["nodeName"] for pod in cluster.pods("taskmanager")}
            expect(cluster.victim not in placed, f"TaskManagers are still on {cluster.victim}")
        finally:
            kubectl("uncordon", cluster.victim)
        left_in_order(cluster, job)
        details.append(job.expect_exactly_once())
    with t.step("rolling update to another image tag, one protocol version newer") as details:
        if not t.options.next_image:
            raise Skipped("--next-image names no other tag")
        job = Sequence(cluster, "client-updated", 6, seconds=210)
        job.wait_running("running 6 of 6")
        cluster.wait_checkpoint(job.id)
        version = protocol_version(cluster)
        cluster.image = t.options.next_image
        pretend = {"containers": [{"name": "leat", "env": [{"name": "LEAT_PROTOCOL_VERSION", "value": str(version + 1)}]}]}
        cluster.apply(patches=[("StatefulSet", pretend), ("Deployment", pretend)])
        for workload in ("statefulset/leat-jobmanager", "deployment/leat-taskmanager"):
            cluster.kubectl("rollout", "status", workload, "--timeout=300s", timeout=330)
        wait_until("the old pods are gone", lambda: images(cluster) == {t.options.next_image}, 60)
        job.wait_running("running 6 of 6")
        job.expect_running()
        cluster.wait_ready()
        wait_until("the newer version is spoken", lambda: protocol_version(cluster) == version + 1, 30)
        details.append(job.expect_exactly_once())


def protocol_version(cluster):
    """In which version a TaskManager and the JobManager talk."""
    log = cluster.log(cluster.pods("taskmanager")[0]["metadata"]["name"])
    return int(re.findall(r"event=registered .*protocol_version=(\d+)", log)[-1])


def images(cluster):
    return {pod["spec"]["containers"][0]["image"] for pod in cluster.pods("jobmanager") + cluster.pods("taskmanager")}


def left_in_order(cluster, job):
    """The job moved through checkpoints, not by failing, and nobody was lost."""
    log = cluster.log().splitlines()
    failures = [line for line in log if ("event=restart " in line and job.id in line) or "event=taskmanager_lost" in line]
    expect(not failures, f"it was no leaving: {failures[:1]}")
    expect(any("event=move " in line and job.id in line for line in log), "the log tells of no move")
    expect(any("event=taskmanager_left" in line for line in log), "the log tells of none that left")
