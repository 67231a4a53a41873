"""4: the JobManager is lost; the next one has the volume's data and resumes all jobs, exactly once."""

from client import Sequence
from cluster import MANAGER, STARTED
from kube import expect, get, wait_until


def run(t):
    t.cluster.start()
    survive_losses(t)


def survive_losses(t):
    cluster = t.cluster

    def deleted(*options):
        uid = cluster.pod(MANAGER)["metadata"]["uid"]
        cluster.kubectl("delete", "pod", MANAGER, "--wait=false", *options)
        wait_until("a new pod is there", lambda: cluster.pod(MANAGER)["metadata"]["uid"] != uid, 90)

    for name, claim, lose in (
            ("killed", "kill -9 in the JobManager's container", lambda: cluster.kill(MANAGER)),
            ("deleted", "the JobManager's pod is deleted", deleted),
            ("forced", "the JobManager's pod is deleted at once", lambda: deleted("--grace-period=0", "--force"))):
        with t.step(claim) as details:
            jobs = [Sequence(cluster, f"client-{name}-{n}", 4, seconds=45) for n in (1, 2)]
            for job in jobs:
                job.wait_running("running 4 of 4")
                cluster.wait_checkpoint(job.id)
            before, volume = set(cluster.jobs()), claimed_volume(cluster)
            lose()
            # Not by probes: a kubelet may be a minute late to tell of them, and the jobs would be over.
            for job in jobs:
                job.wait_running("running 4 of 4", STARTED)
                job.expect_running()
            expect(before <= set(cluster.jobs()), "the new JobManager does not know all jobs of the old one")
            expect(claimed_volume(cluster) == volume, "the new JobManager has another volume")
            details += [job.expect_exactly_once() for job in jobs]
            cluster.wait_ready()


def claimed_volume(cluster):
    return get("pvc", "-n", cluster.namespace, "data-leat-jobmanager-0")["spec"]["volumeName"]
