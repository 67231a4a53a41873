"""3: TaskManagers and a node are lost; the job goes on exactly once, and the log says what happened."""

from client import Sequence
from kube import Skipped, need_hooks


def run(t):
    t.cluster.start()
    survive_losses(t)


def survive_losses(t):
    cluster = t.cluster
    with t.step("kill -9 in a TaskManager's container") as details:
        job = running(cluster, "client-killed", seconds=30)
        cluster.kill(cluster.pods("taskmanager")[0]["metadata"]["name"])
        lost_and_resumed(cluster, job)
        details.append(job.expect_exactly_once())
        cluster.wait_ready()
    with t.step("a TaskManager's pod is deleted at once") as details:
        job = running(cluster, "client-deleted", seconds=30)
        pod = cluster.pods("taskmanager")[0]["metadata"]["name"]
        cluster.kubectl("delete", "pod", pod, "--grace-period=0", "--force")
        # The kubelet grants a second or two all the same: enough to leave in order, or not.
        lost_and_resumed(cluster, job, "(restart|move)", "(lost|left)")
        details.append(job.expect_exactly_once())
        cluster.wait_ready()
    with t.step("a node is cut off") as details:
        if cluster.home is None:
            raise Skipped("there is one node only")
        need_hooks("LEAT_KUBE_PARTITION", "LEAT_KUBE_HEAL")
        job = running(cluster, "client-cut", seconds=60)
        cluster.cut_off(cluster.victim)
        try:
            lost_and_resumed(cluster, job)
            job.expect_running()
        finally:
            cluster.heal(cluster.victim)
        details.append(job.expect_exactly_once())
        cluster.wait_ready()


def running(cluster, name, seconds):
    """A job on all slots, with a checkpoint to go on from."""
    job = Sequence(cluster, name, 8, seconds)
    job.wait_running("running 8 of 8")
    cluster.wait_checkpoint(job.id)
    return job


def lost_and_resumed(cluster, job, how="restart", end="lost"):
    """What supervision says of it."""
    cluster.wait_log(f"event={how} .*{job.id}")
    cluster.wait_log(f"event=taskmanager_{end}")
    cluster.wait_log(f"event=job_state .*{job.id} .*to=RUNNING attempt=[2-9]")
