"""1: from the manifests to eight slots."""

from client import Sequence
from cluster import SLOTS
from kube import Skipped, expect, wait_until


def run(t):
    cluster = t.cluster
    with t.step("apply -k: 1 + 4 pods are ready"):
        cluster.start()
    with t.step("TaskManagers are spread over the nodes") as details:
        if len(cluster.nodes) < 2:
            raise Skipped("there is one node only")
        placed = [pod["spec"]["nodeName"] for pod in cluster.pods("taskmanager")]
        expect(len(set(placed)) == min(len(cluster.nodes), 4), f"they are on {sorted(placed)}")
        details.append(", ".join(f"{placed.count(node)} on {node}" for node in sorted(set(placed))))
    with t.step("4 x 2 slots are offered"):
        wait_until("8 slots", lambda: cluster.metrics()["leat_jobmanager_slots"] == 4 * SLOTS, 30)
    for parallelism, subtasks in ((None, "running 2 of 2"), (6, "running 6 of 6"),
                                  (10, "running 8 of 10, 2 waiting for slots")):
        claim = f"-p {parallelism}" if parallelism else "parallelism.default"
        with t.step(f"{claim}: {subtasks}") as details:
            job = Sequence(cluster, f"client-{parallelism or 'default'}", parallelism, seconds=10)
            job.wait_running(subtasks)
            details.append(job.expect_exactly_once())
