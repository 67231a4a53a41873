"""`leat run` in a pod, and whether what came back is what must come back."""

import collections
import json
import re

from kube import Failure, expect, get, wait_until

JOBS = "/opt/leat/jobs"
SUBMITTED = re.compile(r"submitted with JobID ([0-9a-f]+)")
# A container runtime may lose what a container writes last (containerd 1.6 does now and then), so it lives on: both
# streams end with a mark, behind which nothing comes.
MARK = re.compile(r"^leat ended with (\d+)\n?", re.MULTILINE)
RUN_AND_STAY = """leat "$@"; code=$?; for stream in 1 2; do echo "leat ended with $code" >&$stream; done; exec sleep 3600"""


class Client:
    """A pod that runs one command of Leat to its end."""

    def __init__(self, cluster, name, args, tls=None, claims=None):
        """`claims`: volume claims by the path to mount them at."""
        self.cluster = cluster
        self.claims = claims or {}
        self.name = name
        self.tls = "tls" in cluster.components if tls is None else tls
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps(self.pod(args)))

    def pod(self, args):
        mounts = [{"name": "conf", "mountPath": "/etc/leat/leat.conf", "subPath": "leat.conf", "readOnly": True},
                  {"name": "tmp", "mountPath": "/tmp"}]
        volumes = [{"name": "conf", "configMap": {"name": "leat-conf"}}, {"name": "tmp", "emptyDir": {}}]
        for path, claim in self.claims.items():
            mounts.append({"name": claim, "mountPath": path})
            volumes.append({"name": claim, "persistentVolumeClaim": {"claimName": claim}})
        env = []
        if self.tls:
            mounts.append({"name": "tls", "mountPath": "/etc/leat/tls", "readOnly": True})
            volumes.append({"name": "tls", "secret": {"secretName": self.tls if isinstance(self.tls, str) else "leat-tls",
                                                      "defaultMode": 0o440}})
            env = [{"name": f"LEAT_SECURITY_SSL_{key}", "value": f"/etc/leat/tls/{file}"}
                   for key, file in (("CERTIFICATE", "tls.crt"), ("KEY", "tls.key"), ("CA", "ca.crt"))]
        if "command" not in args:
            args = {"command": ["/usr/bin/tini", "--", "sh", "-c", RUN_AND_STAY, "leat", *args["args"]]}
        container = {
            "name": "leat", "image": self.cluster.image, "imagePullPolicy": "IfNotPresent", "env": env,
            "volumeMounts": mounts,
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                "capabilities": {"drop": ["ALL"]}},
            **args}
        spec = {
            "restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5, "containers": [container], "volumes": volumes,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 10001,
                                "seccompProfile": {"type": "RuntimeDefault"}}}
        if self.cluster.home:
            spec["nodeSelector"] = {"kubernetes.io/hostname": self.cluster.home}
        return {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": self.name, "labels": {"app.kubernetes.io/name": "leat",
                                                           "app.kubernetes.io/component": "client"}},
                "spec": spec}

    def log(self):
        return MARK.sub("", self.cluster.log(self.name))

    def job(self):
        """The id of the job that it has submitted."""
        def submitted():
            match = SUBMITTED.search(self.log())
            if not match and self.exit_code() is not None:
                raise Failure(f"{self.name} has ended: {self.log().strip()}")
            return match and match.group(1)
        return wait_until(f"{self.name} has submitted its job", submitted, 60)

    def exit_code(self):
        if MARK.search(self.cluster.kubectl("logs", self.name, "--tail=5")):
            return ended_with(self.cluster.log(self.name))
        status = get("pod", "-n", self.cluster.namespace, self.name)["status"]
        for container in status.get("containerStatuses", []):
            ended = container["state"].get("terminated")
            if ended:
                return ended["exitCode"]
        return None

    def wait(self, seconds):
        """Its exit code."""
        code = wait_until(f"{self.name} has ended", lambda: (self.exit_code(),) if self.exit_code() is not None else None,
                          seconds)[0]
        return code

    def rows(self, seconds):
        """The rows of its job, once that has finished; what else it prints has blanks or no digits."""
        code = self.wait(seconds)
        log = self.log()
        expect(code == 0, f"{self.name} ended with {code}: {' / '.join(progress(log)[-3:])}")
        return [line for line in log.splitlines() if re.fullmatch(r"\d+(\t\d+\t\d+)?", line)]


def ended_with(log):
    """The exit code, once both streams are complete."""
    marks = MARK.findall(log)
    return int(marks[0]) if len(marks) == 2 else None


def progress(log):
    return [line for line in log.splitlines() if line.strip() and not re.fullmatch(r"\d+(\t\d+\t\d+)?", line)]


def run(cluster, name, leat_args, job, job_args, **options):
    return Client(cluster, name, {"args": ["run", "-D", "client.timeout=5 min", *leat_args, f"{JOBS}/{job}.so", *job_args]},
                  **options)


class Sequence:
    """sequence.so at a rate, with a checkpoint every second: a job that lasts, and whose result is known."""
    KEYS = 10

    def __init__(self, cluster, name, parallelism, seconds, rate=500, options=()):
        self.count = rate * seconds
        self.seconds = seconds
        self.client = run(cluster, name, [*(["-p", str(parallelism)] if parallelism else []),
                                          "-D", "execution.checkpointing.interval=1 s", *options],
                          "sequence", ["--count", str(self.count), "--keys", str(self.KEYS), "--rate", str(rate)])
        self.cluster = cluster
        self.id = self.client.job()

    def wait_running(self, subtasks=None, seconds=60):
        self.cluster.wait_job(self.id, "RUNNING", subtasks, seconds)

    def expect_running(self):
        """It has not ended before what it was to survive was over: the test would prove nothing."""
        state = self.cluster.jobs()[self.id]["state"]
        expect(state not in ("FINISHED", "FAILED", "CANCELED"), f"the job was {state} too early: give it longer")

    def expect_exactly_once(self):
        check_sequence(self.client.rows(self.seconds + 120), self.count, self.KEYS)
        return f"{self.count} numbers once each, {self.KEYS} sums right"


def check_sequence(rows, count, keys):
    """Each number below `count` once, and for each key how many there are and their sum, once."""
    numbers = collections.Counter(int(row) for row in rows if "\t" not in row)
    sums = sorted(tuple(map(int, row.split("\t"))) for row in rows if "\t" in row)
    doubled = [n for n, times in numbers.items() if times > 1]
    missing = [n for n in range(count) if n not in numbers]
    strange = [n for n in numbers if n >= count]
    expect(not doubled and not missing and not strange,
           f"of {count} numbers {len(missing)} are missing ({missing[:5]}), {len(doubled)} doubled ({doubled[:5]}), "
           f"{len(strange)} strange")
    wanted = [(key, len(range(key, count, keys)), sum(range(key, count, keys))) for key in range(keys)]
    expect(sums == wanted, f"sums are {sums[:3]}…, not {wanted[:3]}…")
