"""9: the overlays as they stand: one small machine, and output that all pods share. Scenario 7 has the one for TLS."""

import os

from client import run as run_client
from cluster import MANAGER
from kube import Skipped, expect, get
from scenarios.word_count import INPUT, check_counts


def run(t):
    cluster = t.cluster
    cluster.create()
    with t.step("overlays/single-node: 1 + 4 pods on one node, and no budget against its drain"):
        node = cluster.home or cluster.victim
        cluster.base = ("overlays", "single-node")
        cluster.apply(patches=[("Deployment", {"nodeSelector": {"kubernetes.io/hostname": node}})])
        cluster.wait_ready()
        placed = {pod["spec"]["nodeName"] for pod in cluster.pods("taskmanager") + cluster.pods("jobmanager")}
        expect(placed == {node}, f"they are on {sorted(placed)}")
        expect(not get("pdb", "-n", cluster.namespace)["items"], "there is a budget")
    with t.step("a job on all its slots") as details:
        client = run_client(cluster, "client-small", ["--mode", "batch", "-p", "8"], "word_count", ["--input", INPUT])
        expect(client.wait(60) == 0, client.log())
        details.append(check_counts(cluster, client.log()))
    with t.step("overlays/shared-output: files of all TaskManagers are on one volume, and stay"):
        if not os.environ.get("LEAT_KUBE_SHARED_CLASS"):
            raise Skipped("LEAT_KUBE_SHARED_CLASS names no storage class with ReadWriteMany")
        shared_output(cluster)


def shared_output(cluster):
    cluster.delete_objects()  # a rolling update would leave all on the nodes that the old ones were not on
    cluster.base = ("overlays", "shared-output")
    cluster.apply()
    cluster.wait_ready()
    placed = {pod["spec"]["nodeName"] for pod in cluster.pods("taskmanager")}
    expect(len(placed) == min(len(cluster.nodes), 4), f"TaskManagers are on {sorted(placed)}")
    client = run_client(cluster, "client-files", ["--mode", "batch", "-p", "8"], "word_count",
                        ["--input", INPUT, "--output", "/output/words"])
    expect(client.wait(60) == 0, client.log())
    # On a pod's own disk the files would go with those who wrote them.
    cluster.kubectl("delete", "pods", "--wait=true", "-l", "app.kubernetes.io/component=taskmanager")
    cluster.wait_ready()
    files = cluster.kubectl("exec", MANAGER, "--", "sh", "-c", "ls -A /output/words").split()
    expect(len(files) > 1, f"not several subtasks wrote: {files}")
    expect(not any(name.startswith(".") for name in files), f"something unfinished is left: {files}")
    check_counts(cluster, cluster.kubectl("exec", MANAGER, "--", "sh", "-c", "cat /output/words/*"))
