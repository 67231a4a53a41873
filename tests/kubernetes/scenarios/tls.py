"""7: certificates for all; who has none gets nowhere; and 3 and 4 again."""

import pathlib
import subprocess
import tempfile

from client import JOBS, Client, run as run_client
from cluster import MANAGER, ROOT, restarts
from kube import Failure, expect
from scenarios import jobmanager, taskmanagers

FILES = ("tls.crt", "tls.key", "ca.crt")
# The kubelet looks after Secrets about once a minute.
RENEWED = 180


def run(t):
    with tempfile.TemporaryDirectory() as folder:
        run_with(t, pathlib.Path(folder, "own"), pathlib.Path(folder, "foreign"))


def run_with(t, own, foreign):
    cluster = t.cluster
    cluster.components = ["tls"]
    with t.step("apply -k with TLS: 1 + 4 pods are ready"):
        cluster.create()
        apply_secret(cluster, "leat-tls", make_ca(own))
        apply_secret(cluster, "foreign-tls", make_ca(foreign))
        cluster.apply()
        cluster.wait_ready()
    before = restart_counts(cluster)
    with t.step("a client without a certificate is refused") as details:
        details.append(refused(cluster, "client-plain", tls=False))
    with t.step("a client of another authority is refused, and the log says why") as details:
        details.append(refused(cluster, "client-foreign", tls="foreign-tls"))
        details.append(cluster.wait_log("event=peer_refused .*another authority"))
    with t.step("random bytes and HTTP on the actor ports leave the pods up"):
        workers = [pod["status"]["podIP"] for pod in cluster.pods("taskmanager")]
        targets = " ".join(["leat-jobmanager/6123"] + [f"{address}/6122" for address in workers])
        script = f"""for target in {targets}; do
          for round in 1 2 3; do
            head -c 100000 /dev/urandom >/dev/tcp/$target
            printf 'GET / HTTP/1.1\\r\\nHost: leat\\r\\n\\r\\n' >/dev/tcp/$target
          done
        done; true"""
        stranger = Client(cluster, "stranger", {"command": ["bash", "-c", script]}, tls=False)
        expect(stranger.wait(60) == 0, f"the stranger failed: {stranger.log()}")
        works(cluster, "client-after-noise")
        expect(restart_counts(cluster) == before, f"containers were restarted: {restart_counts(cluster)}")
    with t.step("a renewed certificate reaches the running pods"):
        apply_secret(cluster, "leat-tls", make_ca(own, "--renew"))
        for pod in [MANAGER] + [pod["metadata"]["name"] for pod in cluster.pods("taskmanager")]:
            cluster.wait_log("event=certificate_renewed", pod, RENEWED)
        works(cluster, "client-after-renewal")
        expect(restart_counts(cluster) == before, f"containers were restarted: {restart_counts(cluster)}")
    taskmanagers.survive_losses(t)
    jobmanager.survive_losses(t)


def restart_counts(cluster):
    return {pod["metadata"]["name"]: restarts(pod) for pod in cluster.pods("jobmanager") + cluster.pods("taskmanager")}


def works(cluster, name):
    """All is ready, and a job runs."""
    cluster.wait_ready()
    rows = run_client(cluster, name, ["-p", "8"], "sequence", ["--count", "1000", "--keys", "10"]).rows(60)
    expect(len(rows) == 1010, f"{len(rows)} rows came back")


def make_ca(folder, *options):
    """A certificate of an authority of its own, or another one of the same."""
    made = subprocess.run([ROOT / "docker/make-ca", folder, *options], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Failure(f"docker/make-ca: {made.stderr}")
    return {file: folder / file for file in FILES}


def apply_secret(cluster, name, files):
    secret = cluster.kubectl("create", "secret", "generic", name, "--type=kubernetes.io/tls", "--dry-run=client", "-o",
                             "json", *(f"--from-file={key}={path}" for key, path in files.items()))
    cluster.kubectl("apply", "-f", "-", stdin=secret)


def refused(cluster, name, tls):
    """What it is told."""
    client = Client(cluster, name, {"args": ["run", "-D", "client.timeout=5 s", f"{JOBS}/sequence.so",
                                             "--count", "1", "--keys", "1"]}, tls=tls)
    code = client.wait(60)
    expect(code == 3, f"{name} ended with {code}: {client.log()}")
    return client.log().strip().splitlines()[-1]
