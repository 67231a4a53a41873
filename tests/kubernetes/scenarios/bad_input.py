"""8: what is wrong stands in the pod's log in one line, and nothing that runs is damaged."""

import pathlib
import subprocess
import tempfile

from client import Client, Sequence, run as run_client
from cluster import MANAGER, STARTED
from kube import Failure, expect, get, is_ready, wait_until
from scenarios.tls import apply_secret, make_ca

DATA = {"name": "data", "mountPath": "/data"}
MOST_TO_FILL = 4096  # MiB


def run(t):
    cluster = t.cluster
    cluster.create()
    with t.step("a ConfigMap with an unknown key") as details:
        cluster.apply(conf={"paralelism.default": "2"})
        details.append(manager_says(cluster, "unknown key 'paralelism.default'"))
    with t.step("no volume: the root file system is read-only") as details:
        cluster.apply(patches=[("StatefulSet", pod(volumeMounts=[{"$patch": "delete", "mountPath": "/data"}]))])
        details.append(manager_says(cluster, "/data"))
    with t.step("mended, it starts"):
        cluster.apply()
        cluster.wait_ready()
    with t.step("a volume that has become read-only, and is writable again") as details:
        cluster.apply(patches=[("StatefulSet", pod(volumeMounts=[{**DATA, "readOnly": True}]))])
        details.append(manager_says(cluster, "ead-only"))
        cluster.apply()
        cluster.wait_ready()
    volume_fills_up(t)
    with t.step("a TaskManager with a wrong JobManager address is not ready and says why") as details:
        job = Sequence(cluster, "client-untouched", 6, seconds=45)
        address = [{"name": "LEAT_JOBMANAGER_RPC_ADDRESS", "value": "nowhere"}]
        cluster.apply(patches=[("Deployment", pod(env=address))])
        name = unready(cluster)
        details.append(cluster.wait_words(name, "nowhere"))
        cluster.apply()
        details.append(job.expect_exactly_once())
        cluster.wait_ready()
    with t.step("without TaskManagers a job waits, and runs when there are some") as details:
        cluster.scale(0)
        cluster.wait_ready(0)
        client = run_client(cluster, "client-waiting", ["-p", "2"], "sequence", ["--count", "1000", "--keys", "10"])
        job = client.job()
        details.append(wait_until("the client says that it waits",
                                  lambda: next((line for line in client.log().splitlines() if "CREATED" in line), None),
                                  30))
        expect(cluster.jobs()[job]["state"] == "CREATED", f"the job is {cluster.jobs()[job]}")
        cluster.scale(4)
        expect(len(client.rows(90)) == 1010, "rows are missing")
    cluster.components = ["tls"]
    with tempfile.TemporaryDirectory() as folder:
        own = make_ca(pathlib.Path(folder, "own"))
        apply_secret(cluster, "leat-tls", own)
        apply_secret(cluster, "foreign-tls", make_ca(pathlib.Path(folder, "foreign")))
        apply_secret(cluster, "expired-tls", expired(own))
    with t.step("with TLS: 1 + 4 pods are ready"):
        cluster.apply()
        cluster.kubectl("rollout", "status", "deployment/leat-taskmanager", "--timeout=300s", timeout=330)
        cluster.wait_ready()
    for what, secret, words in (("another authority's", "foreign-tls", "of another authority"),
                                ("an expired", "expired-tls", "expired at")):
        with t.step(f"a TaskManager with {what} certificate is not ready and says why") as details:
            tls = [{"name": "tls", "secret": {"secretName": secret}}]
            cluster.apply(patches=[("Deployment", {"volumes": tls})])
            details.append(cluster.wait_words(unready(cluster), words))
            cluster.apply()
            cluster.wait_ready()


def volume_fills_up(t):
    cluster = t.cluster
    with t.step("a volume that fills up: not ready, reachable, undamaged, and on it goes once there is room") as details:
        free = int(cluster.kubectl("exec", MANAGER, "--", "df", "--output=avail", "-BM", "/data").split()[-1].rstrip("M"))
        if free > MOST_TO_FILL:
            raise Skipped(f"{free} MiB are free on it, too much to fill")
        job = Sequence(cluster, "client-full", 6, seconds=100)
        job.wait_running("running 6 of 6")
        cluster.wait_checkpoint(job.id)
        on_volume(cluster, "fill", "head -c 1T /dev/zero > /data/fill; true")
        wait_until("the JobManager is not ready", lambda: not is_ready(cluster.pod(MANAGER)), 30)
        details.append(cluster.wait_log("event=checkpoint_failed .*room"))
        worker = cluster.pods("taskmanager")[0]["metadata"]["name"]
        expect(job.id in cluster.leat("list", pod=worker), "the Service does not lead to it")
        cluster.kill(MANAGER)
        details.append(cluster.wait_words(MANAGER, "make room"))
        on_volume(cluster, "make-room", "rm /data/fill")
        job.wait_running("running 6 of 6", STARTED)
        job.expect_running()
        details.append(job.expect_exactly_once())
        cluster.wait_ready()


def on_volume(cluster, name, script):
    """The JobManager's volume from a pod of its own: the container may be between two tries to start."""
    pod_there = Client(cluster, name, {"command": ["sh", "-c", script]}, claims={"/data": "data-leat-jobmanager-0"})
    expect(pod_there.wait(120) == 0, f"{name}: {pod_there.log()}")


def pod(**container):
    return {"containers": [{"name": "leat", **container}]}


def manager_says(cluster, words):
    """What the JobManager's pod says once it is made from the manifests applied last; it is not ready."""
    def replaced():
        stateful_set = get("statefulset", "-n", cluster.namespace, "leat-jobmanager")
        wanted = stateful_set["status"].get("updateRevision")
        return (stateful_set["status"].get("observedGeneration") == stateful_set["metadata"]["generation"]
                and cluster.pod(MANAGER)["metadata"]["labels"]["controller-revision-hash"] == wanted)
    wait_until("the JobManager's pod is replaced", replaced, 60)
    line = cluster.wait_words(MANAGER, words, seconds=90)
    expect(not is_ready(cluster.pod(MANAGER)), "the JobManager is ready all the same")
    return line


def unready(cluster):
    """The one pod of the rollout that does not get ready; the old ones stay until it would be."""
    def stuck():
        return next((p["metadata"]["name"] for p in cluster.pods("taskmanager")
                     if not is_ready(p) and "deletionTimestamp" not in p["metadata"]
                     and p["status"].get("containerStatuses")), None)
    return wait_until("a new TaskManager is there", stuck, 60)


def expired(files):
    """With a certificate of the same authority that ended in the past."""
    script = """
      cd "$1" && openssl req -new -key tls.key -subj /CN=leat-expired -out expired.csr &&
      openssl x509 -req -in expired.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days -1 -out expired.crt"""
    folder = files["tls.crt"].parent
    made = subprocess.run(["sh", "-c", script, "sh", folder], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Failure(f"openssl: {made.stderr}")
    return {**files, "tls.crt": folder / "expired.crt"}
