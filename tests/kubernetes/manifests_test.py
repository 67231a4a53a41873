#!/usr/bin/env python3
"""Every folder that `kubectl apply -k` takes keeps every rule of manifests.py, and every rule can fail.

Ends with 77, which means skipped, where kubectl with kustomize or PyYAML is missing.
"""

import copy
import re
import shutil
import subprocess
import sys
import unittest

import manifests
from manifests import container_of, pod_of

FOLDERS = ["k8s/base"] + sorted(
    str(p.parent.relative_to(manifests.ROOT)) for kind in ("overlays", "examples")
    for p in manifests.ROOT.glob(f"k8s/{kind}/*/kustomization.yaml"))


def manager(b):
    return b.workload("jobmanager")


def worker(b):
    return b.workload("taskmanager")


def change_conf(b, old, new):
    data = b.of("ConfigMap")[0]["data"]
    assert old in data["leat.conf"], old
    data["leat.conf"] = data["leat.conf"].replace(old, new)


# What breaks each rule; each is applied to a fresh copy of the folder named.
MUTATIONS = [
    ("one_job_manager", "k8s/base", lambda b: manager(b)["spec"].update(replicas=2)),
    ("one_job_manager", "k8s/base", lambda b: manager(b).update(kind="Deployment")),
    ("one_job_manager", "k8s/base", lambda b: manager(b)["spec"].update(volumeClaimTemplates=[])),
    ("task_managers_keep_nothing", "k8s/base", lambda b: worker(b)["spec"].update(replicas=3)),
    ("task_managers_keep_nothing", "k8s/base", lambda b: change_conf(b, "default = 2", "default = 4")),
    ("task_managers_keep_nothing", "k8s/base",
     lambda b: pod_of(worker(b))["volumes"].append({"name": "x", "persistentVolumeClaim": {}})),
    ("room_to_leave", "k8s/base", lambda b: change_conf(b, "timeout = 20 s", "timeout = 1 min")),
    ("probed", "k8s/base", lambda b: container_of(worker(b)).pop("readinessProbe")),
    ("probed", "k8s/base", lambda b: container_of(manager(b))["startupProbe"]["httpGet"].update(port="rpc")),
    ("hardened", "k8s/base", lambda b: container_of(worker(b))["securityContext"].pop("readOnlyRootFilesystem")),
    ("hardened", "k8s/examples/word-count",
     lambda b: pod_of(b.workload("client"))["securityContext"].update(runAsNonRoot=False)),
    ("hardened", "k8s/base", lambda b: pod_of(manager(b)).pop("automountServiceAccountToken")),
    ("resources_are_said", "k8s/base", lambda b: container_of(worker(b))["resources"].pop("limits")),
    ("images_are_fixed", "k8s/base", lambda b: container_of(worker(b)).update(image="localhost:5000/leat")),
    ("images_are_fixed", "k8s/base", lambda b: container_of(worker(b)).update(image="leat:latest")),
    ("keys_are_known", "k8s/base", lambda b: change_conf(b, "parallelism.", "paralelism.")),
    ("keys_are_known", "k8s/overlays/tls",
     lambda b: container_of(worker(b))["env"].append({"name": "LEAT_SECURITY_SSL_CERT", "value": "x"})),
    ("ports_agree", "k8s/base", lambda b: change_conf(b, "taskmanager.rpc.port = 6122", "taskmanager.rpc.port = 1")),
    ("ports_agree", "k8s/base", lambda b: b.of("Service")[0]["spec"]["ports"][0].update(port=80)),
    ("ports_agree", "k8s/base", lambda b: change_conf(b, "address = leat-jobmanager", "address = leat")),
    ("reachable_while_not_ready", "k8s/base", lambda b: b.of("Service")[0]["spec"].pop("publishNotReadyAddresses")),
    ("guarded", "k8s/base", lambda b: container_of(worker(b)).update(args=["taskmanager"])),
    ("guarded", "k8s/overlays/tls", lambda b: container_of(worker(b))["args"].append("--insecure")),
    ("guarded", "k8s/overlays/tls", lambda b: container_of(manager(b)).pop("env")),
    ("guarded", "k8s/overlays/tls", lambda b: [m.update(subPath="x") for m in container_of(manager(b))["volumeMounts"]]),
    ("selectors_match", "k8s/base", lambda b: b.of("Service")[0]["spec"]["selector"].update(a="b")),
    ("selectors_match", "k8s/base", lambda b: b.of("PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"].update(a="b")),
    ("only_leat_reaches_actors", "k8s/base", lambda b: [p["spec"]["ingress"][0].pop("from") for p in b.of("NetworkPolicy")]),
    ("only_leat_reaches_actors", "k8s/base", lambda b: [p["spec"].update(ingress=[]) for p in b.of("NetworkPolicy")]),
    ("only_leat_reaches_actors", "k8s/base", lambda b: b.objects.remove(b.of("NetworkPolicy")[0])),
    ("clients_are_labelled", "k8s/examples/word-count",
     lambda b: manifests.labels_of(b.workload("client")).update({"app.kubernetes.io/name": "x"})),
    ("disruptions_are_bounded", "k8s/overlays/old-api", lambda b: b.of("PodDisruptionBudget")[0].update(apiVersion="policy/v1")),
    ("disruptions_are_bounded", "k8s/base", lambda b: b.objects.remove(b.of("PodDisruptionBudget")[0])),
    ("spread_over_nodes", "k8s/base", lambda b: pod_of(worker(b)).pop("affinity")),
]


class Manifests(unittest.TestCase):
    builds = {}

    @classmethod
    def setUpClass(cls):
        cls.builds = {folder: manifests.build(folder, yaml.safe_load_all) for folder in FOLDERS}

    def test_every_folder_keeps_every_rule(self):
        for folder, build in self.builds.items():
            for rule in manifests.RULES:
                with self.subTest(folder=folder, rule=rule.__name__):
                    self.assertEqual(list(rule(build)), [])

    def test_every_rule_can_fail(self):
        broken = {name for name, _, _ in MUTATIONS}
        self.assertEqual(broken, {rule.__name__ for rule in manifests.RULES})
        for number, (name, folder, mutate) in enumerate(MUTATIONS):
            with self.subTest(rule=name, mutation=number):
                build = copy.deepcopy(self.builds[folder])
                mutate(build)
                self.assertTrue(list(getattr(manifests, name)(build)))

    def test_overlays_of_every_component_exist(self):
        components = {p.name for p in (manifests.ROOT / "k8s/components").iterdir()}
        self.assertEqual(components - {folder.rpartition("/")[2] for folder in FOLDERS}, set())


def missing():
    """What this machine lacks, in words."""
    if shutil.which("kubectl") is None:
        return "kubectl is not installed"
    version = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=False).stdout
    kustomize = re.search(r"Kustomize Version: v(\d+)", version)
    if kustomize is None or int(kustomize.group(1)) < 4:
        return "kubectl is older than 1.21: its kustomize knows no components"
    if yaml is None:
        return "PyYAML (Debian: python3-yaml) is not installed"
    return None


try:
    import yaml
except ImportError:
    yaml = None

if __name__ == "__main__":
    lack = missing()
    if lack:
        print(f"skipped: {lack}")
        sys.exit(77)
    unittest.main()
