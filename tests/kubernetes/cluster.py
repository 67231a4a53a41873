"""A Leat cluster in a namespace of its own, made from the manifests below k8s/ as a user would."""

import json
import os
import pathlib
import re
import shutil
import tempfile

from kube import Failure, expect, get, hook, is_ready, kubectl, ready_nodes, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABEL = "app.kubernetes.io/component"
MANAGER = "leat-jobmanager-0"
SLOTS = 2
# A killed process comes back after the kubelet's backoff, which grows with each time.
STARTED = 120


class Cluster:
    def __init__(self, namespace, image, keep=False):
        self.namespace = namespace
        self.image = image
        self.keep = keep
        self.base = ("base",)  # below k8s/; the components come on top
        self.components = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="leat-kubernetes-"))
        nodes = ready_nodes()
        expect(nodes, "no node takes pods")
        # The JobManager and the clients stay at home; the other one is cut off and drained.
        self.victim = os.environ.get("LEAT_KUBE_VICTIM") or nodes[-1]
        self.home = next((n for n in nodes if n != self.victim), None)
        self.nodes = nodes

    # ---- its life ---------------------------------------------------------------------------------

    def create(self):
        kubectl("create", "namespace", self.namespace)
        # All pods keep the strictest of Kubernetes' own standards; clusters before 1.23 do not look.
        kubectl("label", "namespace", self.namespace, "pod-security.kubernetes.io/enforce=restricted")

    def apply(self, conf=None, patches=(), examples=()):
        """kubectl apply -k of the base, examples and the components. `conf` replaces lines of leat.conf by key;
        `patches` are pairs of a kind and a strategic merge patch of its pods."""
        self.write_kustomization(conf or {}, patches, examples)
        kubectl("apply", "-k", str(self.folder))

    def write_kustomization(self, conf, pod_patches, examples):
        def path(*parts):
            return os.path.relpath(ROOT.joinpath("k8s", *parts), self.folder.resolve())

        template = "/spec/template/spec"
        image = {"op": "replace", "path": f"{template}/containers/0/image", "value": self.image}
        patches = [{"target": {"kind": "(StatefulSet|Deployment|Job)"}, "patch": json.dumps([image])}]
        if self.home:
            stay = {"op": "add", "path": f"{template}/nodeSelector", "value": {"kubernetes.io/hostname": self.home}}
            patches.append({"target": {"kind": "(StatefulSet|Job)"}, "patch": json.dumps([stay])})
        for kind, pod in pod_patches:
            patches.append({"target": {"kind": kind}, "patch": json.dumps(
                {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "any"},
                 "spec": {"template": {"spec": pod}}})})
        if os.environ.get("LEAT_KUBE_SHARED_CLASS"):
            shared = {"op": "add", "path": "/spec/storageClassName", "value": os.environ["LEAT_KUBE_SHARED_CLASS"]}
            patches.append({"target": {"kind": "PersistentVolumeClaim", "name": "leat-output"},
                            "patch": json.dumps([shared])})
        components = list(self.components)
        if "policy/v1\n" not in kubectl("api-versions"):
            components.append("old-api")
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "namespace": self.namespace,
            "resources": [path(*self.base), *(path("examples", name) for name in examples)],
            "components": [path("components", name) for name in components],
            # A drain takes the pods of this namespace only.
            "labels": [{"pairs": {"leat-test": self.namespace}, "includeTemplates": True}],
            "patches": patches,
        }
        if conf:
            (self.folder / "leat.conf").write_text(changed_conf(conf))
            kustomization["configMapGenerator"] = [
                {"name": "leat-conf", "behavior": "merge", "files": ["leat.conf"]}]
        (self.folder / "kustomization.yaml").write_text(json.dumps(kustomization, indent=2))

    def start(self, task_managers=4):
        self.create()
        self.apply()
        self.wait_ready(task_managers)

    def delete_objects(self):
        """What was applied; the volume stays, for a StatefulSet never deletes its claims."""
        self.kubectl("delete", "-k", str(self.folder), "--wait=true", timeout=120)
        wait_until("all pods of the cluster are gone",
                   lambda: not self.pods("jobmanager") and not self.pods("taskmanager"), 60)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        if not self.keep:
            kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=true", timeout=180)

    # ---- what is there ----------------------------------------------------------------------------

    def kubectl(self, *args, **options):
        return kubectl("-n", self.namespace, *args, **options)

    def pods(self, component):
        return get("pods", "-n", self.namespace, "-l", f"{LABEL}={component}")["items"]

    def pod(self, name):
        return get("pod", "-n", self.namespace, name)

    def ready(self, component):
        return [p for p in self.pods(component) if is_ready(p)]

    def wait_ready(self, task_managers=4, seconds=STARTED):
        """One JobManager and so many TaskManagers are ready, and no others are there."""
        def all_ready():
            managers, workers = self.pods("jobmanager"), self.pods("taskmanager")
            counts = (len(managers), len(workers))
            if counts != (1, task_managers):
                raise Failure(f"{counts[0]} JobManagers and {counts[1]} TaskManagers are there")
            waiting = [p["metadata"]["name"] for p in managers + workers if not is_ready(p)]
            if waiting:
                raise Failure(f"not ready: {', '.join(waiting)}")
            return True
        wait_until(f"1 JobManager and {task_managers} TaskManagers are ready", all_ready, seconds)

    def leat(self, *args, pod=MANAGER):
        """A command of Leat in a pod, the JobManager's if none is named."""
        return self.kubectl("exec", pod, "--", "leat", *args)

    def jobs(self):
        """Of each job: id, name, state, subtasks."""
        rows = [re.split(r"  +", line) for line in self.leat("list", "-a").splitlines()[1:]]
        return {row[0]: {"name": row[1], "state": row[2], "subtasks": row[3]} for row in rows if len(row) >= 4}

    def wait_job(self, job, state, subtasks=None, seconds=60):
        def there():
            status = self.jobs().get(job)
            if status is None or status["state"] != state or subtasks not in (None, status["subtasks"]):
                raise Failure(f"it is {status}")
            return True
        wait_until(f"job {job[:8]} is {state}{', ' + subtasks if subtasks else ''}", there, seconds)

    def checkpoints(self, job):
        """Ids of the job's complete checkpoints."""
        listed = json.loads(self.leat("checkpoints", "--json", job))
        entries = listed["checkpoints"] if isinstance(listed, dict) else listed
        return [c["id"] for c in entries if c["status"] == "COMPLETED"]

    def wait_checkpoint(self, job, seconds=60):
        """The job has something to go on from; one more than it has now."""
        before = max(self.checkpoints(job), default=0)
        return wait_until("another checkpoint is complete",
                          lambda: max(self.checkpoints(job), default=0) > before, seconds)

    def log(self, pod=MANAGER, previous=False):
        return self.kubectl("logs", pod, *(["--previous"] if previous else []))

    def wait_words(self, pod, words, seconds=60):
        """What the pod says, now or before its last restart, has these words; the line."""
        def said():
            text = attempt(lambda: self.log(pod)) + attempt(lambda: self.log(pod, previous=True))
            return next((line for line in text.splitlines() if words in line), None)
        return wait_until(f"{pod} says '{words}'", said, seconds)

    def wait_log(self, pattern, pod=MANAGER, seconds=60):
        """A line of the pod's log that matches."""
        return wait_until(f"the log of {pod} says '{pattern}'",
                          lambda: next((line for line in self.log(pod).splitlines() if re.search(pattern, line)), None),
                          seconds)

    def metrics(self, pod=MANAGER):
        """Values of the pod's metrics, summed up over labels."""
        script = r"exec 3<>/dev/tcp/127.0.0.1/8081; printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3; cat <&3"
        values = {}
        for line in self.kubectl("exec", pod, "--", "bash", "-c", script).splitlines():
            match = re.fullmatch(r"(leat_\w+)(\{.*\})? (\S+)", line)
            if match:
                values[match[1]] = values.get(match[1], 0) + float(match[3])
        return values

    def job_conditions(self, name):
        conditions = get("job", "-n", self.namespace, name)["status"].get("conditions", [])
        return {c["type"]: c["status"] == "True" for c in conditions}

    # ---- what is done to it -----------------------------------------------------------------------

    def kill(self, pod):
        """kill -9 of the process in the container; its init ends with it, and the kubelet starts it again."""
        count = restarts(self.pod(pod))
        script = 'for p in /proc/[0-9]*; do read -r name <$p/comm && [ "$name" = leat ] && kill -9 "${p#/proc/}"; done'
        try:
            self.kubectl("exec", pod, "--", "sh", "-c", script)
        except Failure:
            pass  # The container may be gone before it answers; what counts is that it was.
        wait_until(f"{pod} has been restarted", lambda: restarts(self.pod(pod)) > count, STARTED)

    def cut_off(self, node):
        hook("LEAT_KUBE_PARTITION", node)

    def heal(self, node):
        hook("LEAT_KUBE_HEAL", node)

    def scale(self, task_managers):
        self.kubectl("scale", "deployment/leat-taskmanager", f"--replicas={task_managers}")

    def save_logs(self, folder):
        """For whoever looks for the cause of a failure."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, args in {"pods": ["get", "pods", "-o", "wide"], "events": ["get", "events"],
                           "describe": ["describe", "pods"]}.items():
            (folder / f"{name}.txt").write_text(attempt(lambda args=args: self.kubectl(*args)))
        for pod in get("pods", "-n", self.namespace)["items"]:
            name = pod["metadata"]["name"]
            (folder / f"{name}.log").write_text(attempt(lambda name=name: self.log(name)))
            if restarts(pod):
                (folder / f"{name}.previous.log").write_text(attempt(lambda name=name: self.log(name, previous=True)))


def restarts(pod):
    return sum(s["restartCount"] for s in pod["status"].get("containerStatuses", []))


def attempt(call):
    try:
        return call()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told in the file
        return f"{error}\n"


def changed_conf(changes):
    """The base's leat.conf with other values for some keys; unknown ones are appended."""
    lines = (ROOT / "k8s/base/leat.conf").read_text().splitlines()
    kept = [line for line in lines if line.split("=")[0].strip() not in changes]
    return "\n".join(kept + [f"{key} = {value}" for key, value in changes.items() if value is not None]) + "\n"
