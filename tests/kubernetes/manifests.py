#!/usr/bin/env python3
"""What must hold of the manifests below k8s/, checked as kustomize builds them, without a cluster.

A rule is a function from a Build to sentences about what is wrong. manifests_test.py runs each on every
overlay, and shows of each that it can fail.
"""

import dataclasses
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
HTTP_PORT = 8081
UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}


@dataclasses.dataclass
class Build:
    """One folder as kustomize builds it."""
    folder: str
    objects: list

    def of(self, *kinds):
        return [o for o in self.objects if o["kind"] in kinds]

    def workload(self, component):
        for o in self.of("StatefulSet", "Deployment", "Job"):
            if o["spec"]["template"]["metadata"]["labels"].get(COMPONENT) == component:
                return o
        return None

    def workloads(self):
        return self.of("StatefulSet", "Deployment", "Job")

    def conf(self):
        """The keys of leat.conf; none in a build that only has clients."""
        for config_map in self.of("ConfigMap"):
            lines = (re.sub(r"(^|\s)#.*", "", line)
                     for line in config_map["data"]["leat.conf"].splitlines())
            return dict((part.strip() for part in line.split("=", 1)) for line in lines if line.strip())
        return {}


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def container_of(workload):
    return pod_of(workload)["containers"][0]


def labels_of(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def env_of(workload):
    return {e["name"]: e.get("value") for e in container_of(workload).get("env", [])}


def seconds(text):
    number, unit = text.split()
    return float(number) * UNITS[unit]


def build(folder, load_all):
    text = subprocess.run(["kubectl", "kustomize", str(ROOT / folder)], check=True,
                          capture_output=True, text=True, timeout=60).stdout
    return Build(folder, list(load_all(text)))


def known_keys():
    """docs/configuration.md lists them; a test of the command line holds it to the code."""
    table = (ROOT / "docs/configuration.md").read_text()
    return set(re.findall(r"^\| `([\w.-]+)` \|", table, re.MULTILINE))


def selects(selector, labels):
    """Whether a label selector with matchLabels and In-expressions picks these labels."""
    wanted = selector.get("matchLabels", {}).items()
    return all(labels.get(k) == v for k, v in wanted) and all(
        labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


def admits(build_, source, target, port):
    """Whether the NetworkPolicies let pods labelled `source` reach `port` of those labelled `target`."""
    policies = [p for p in build_.of("NetworkPolicy") if selects(p["spec"]["podSelector"], target)]
    if not policies:
        return True
    for rule in (rule for policy in policies for rule in policy["spec"]["ingress"]):
        if any(p["port"] == port for p in rule["ports"]) and (
                "from" not in rule or any(selects(f["podSelector"], source) for f in rule["from"])):
            return True
    return False


# ---- rules ------------------------------------------------------------------------------------

def one_job_manager(b):
    managers = [w for w in b.workloads() if labels_of(w).get(COMPONENT) == "jobmanager"]
    for w in managers:
        if w["kind"] != "StatefulSet" or w["spec"]["replicas"] != 1:
            yield "the JobManager must be a StatefulSet of one replica: only so there are never two"
        claims = {c["metadata"]["name"] for c in w["spec"].get("volumeClaimTemplates", [])}
        mounts = {m["mountPath"]: m["name"] for m in container_of(w)["volumeMounts"]}
        if mounts.get(b.conf()["jobmanager.data-dir"]) not in claims:
            yield "the JobManager's data directory must be on a claimed volume"
    if len(managers) > 1:
        yield f"{len(managers)} workloads run JobManagers"


def task_managers_keep_nothing(b):
    w = b.workload("taskmanager")
    if w is None:
        return
    if w["kind"] != "Deployment" or w["spec"]["replicas"] != 4:
        yield "TaskManagers must be a Deployment of 4 replicas"
    if b.conf().get("taskmanager.numberOfTaskSlots") != "2" or b.conf().get("parallelism.default") != "2":
        yield "leat.conf must say 2 slots and parallelism.default = 2"
    for volume in pod_of(w)["volumes"]:
        if "persistentVolumeClaim" in volume and volume["name"] != "output":
            yield f"TaskManagers have ephemeral storage only, but mount {volume['name']}"


def room_to_leave(b):
    w = b.workload("taskmanager")
    if w is None:
        return
    leave = seconds(b.conf()["taskmanager.leave-timeout"])
    if pod_of(w)["terminationGracePeriodSeconds"] <= leave:
        yield f"terminationGracePeriodSeconds must be above taskmanager.leave-timeout, {leave} s"


def probed(b):
    for w in b.of("StatefulSet", "Deployment"):
        ports = {p["name"]: p["containerPort"] for p in container_of(w)["ports"]}
        for probe, path in (("startup", "/healthz"), ("liveness", "/healthz"), ("readiness", "/readyz")):
            get = container_of(w).get(probe + "Probe", {}).get("httpGet", {})
            if get.get("path") != path or ports.get(get.get("port")) != HTTP_PORT:
                yield f"{w['metadata']['name']}: no {probe} probe of {path} on port {HTTP_PORT}"


def hardened(b):
    for w in b.workloads():
        pod, container = pod_of(w), container_of(w)
        of_pod, of_container = pod.get("securityContext", {}), container.get("securityContext", {})
        wanted = {
            "runAsNonRoot": of_pod.get("runAsNonRoot") is True,
            "runAsUser 10001": of_pod.get("runAsUser") == 10001,
            "fsGroup 10001": of_pod.get("fsGroup") == 10001,
            "seccomp RuntimeDefault": of_pod.get("seccompProfile") == {"type": "RuntimeDefault"},
            "no service account token": pod.get("automountServiceAccountToken") is False,
            "no privilege escalation": of_container.get("allowPrivilegeEscalation") is False,
            "a read-only root file system": of_container.get("readOnlyRootFilesystem") is True,
            "no capabilities": of_container.get("capabilities") == {"drop": ["ALL"]},
            "one container": len(pod["containers"]) == 1 and "initContainers" not in pod,
            "/tmp to write to": "/tmp" in {m["mountPath"] for m in container["volumeMounts"]},
        }
        yield from (f"{w['metadata']['name']}: wanted: {what}" for what, kept in wanted.items() if not kept)


def resources_are_said(b):
    for w in b.workloads():
        resources = container_of(w).get("resources", {})
        if not {"cpu", "memory"} <= set(resources.get("requests", {})) or "memory" not in resources.get("limits", {}):
            yield f"{w['metadata']['name']}: requests of cpu and memory and a limit of memory are wanted"


def images_are_fixed(b):
    for w in b.workloads():
        image = container_of(w)["image"]
        _, colon, tag = image.rpartition(":")
        if not colon or "/" in tag or tag == "latest":
            yield f"{w['metadata']['name']}: image {image}: a tag other than latest is wanted"


def keys_are_known(b):
    known = known_keys()
    yield from (f"leat.conf: {key}: 'leat help config' does not know it" for key in b.conf() if key not in known)
    variables = {"LEAT_" + re.sub(r"[^A-Z0-9]", "_", key.upper()) for key in known}
    for w in b.workloads():
        yield from (f"{w['metadata']['name']}: {name} is no key's variable" for name in env_of(w)
                    if name.startswith("LEAT_") and name not in variables)


def ports_agree(b):
    conf = b.conf()
    if not conf:
        return
    wanted = {"jobmanager": int(conf["jobmanager.rpc.port"]), "taskmanager": int(conf["taskmanager.rpc.port"])}
    for component, rpc in wanted.items():
        ports = {p["name"]: p["containerPort"] for p in container_of(b.workload(component))["ports"]}
        if ports != {"rpc": rpc, "http": int(conf["http.port"])} or ports["http"] != HTTP_PORT:
            yield f"the {component}'s container ports {ports} are not those of leat.conf"
    for service in b.of("Service"):
        target = next((w for w in b.workloads() if selects({"matchLabels": service["spec"]["selector"]}, labels_of(w))),
                      None)
        ports = {p["name"]: p["containerPort"] for p in container_of(target)["ports"]} if target else {}
        for port in service["spec"]["ports"]:
            if ports.get(port["targetPort"]) != port["port"]:
                yield f"Service {service['metadata']['name']}: no pod has port {port['port']} as {port['targetPort']}"
    if conf["jobmanager.rpc.address"] not in {s["metadata"]["name"] for s in b.of("Service")}:
        yield f"jobmanager.rpc.address: there is no Service {conf['jobmanager.rpc.address']}"


def reachable_while_not_ready(b):
    for service in b.of("Service"):
        if service["spec"].get("publishNotReadyAddresses") is not True:
            yield f"Service {service['metadata']['name']}: what is not ready is hidden from all who could help"


def guarded(b):
    """Other addresses than loopback: by certificates, or explicitly without and behind a NetworkPolicy."""
    for w in b.of("StatefulSet", "Deployment"):
        name, insecure = w["metadata"]["name"], "--insecure" in container_of(w)["args"]
        if b.folder.endswith("/tls"):
            folders = {m["mountPath"]: m for m in container_of(w)["volumeMounts"]}
            files = [env_of(w).get("LEAT_SECURITY_SSL_" + what) for what in ("CERTIFICATE", "KEY", "CA")]
            if insecure:
                yield f"{name}: --insecure in the TLS overlay"
            if any(f is None or str(pathlib.PurePath(f).parent) not in folders for f in files):
                yield f"{name}: certificate, key and CA must be said and lie in a mounted folder"
            if any("subPath" in m for m in folders.values() if m["name"] == "tls"):
                yield f"{name}: a subPath is never renewed"
        elif not insecure:
            yield f"{name}: without TLS it would not listen: --insecure is missing"


def selectors_match(b):
    templates = [labels_of(w) for w in b.workloads()]
    for w in b.of("StatefulSet", "Deployment"):
        if not selects(w["spec"]["selector"], labels_of(w)):
            yield f"{w['metadata']['name']}: its selector does not match its pods"
    selectors = [(o, o["spec"]["selector"]) for o in b.of("PodDisruptionBudget")]
    selectors += [(o, {"matchLabels": o["spec"]["selector"]}) for o in b.of("Service")]
    selectors += [(o, o["spec"]["podSelector"]) for o in b.of("NetworkPolicy")]
    for o, selector in selectors:
        if not any(selects(selector, labels) for labels in templates):
            yield f"{o['kind']} {o['metadata']['name']}: its selector matches no pods"


def only_leat_reaches_actors(b):
    if not b.of("StatefulSet"):
        return
    leat = {c: {NAME: "leat", COMPONENT: c} for c in ("jobmanager", "taskmanager", "client")}
    stranger = {NAME: "other", COMPONENT: "client"}
    for source, target, port, wanted in (
            (leat["taskmanager"], "jobmanager", 6123, True), (leat["client"], "jobmanager", 6123, True),
            (leat["taskmanager"], "taskmanager", 6122, True), (stranger, "jobmanager", HTTP_PORT, True),
            (stranger, "taskmanager", HTTP_PORT, True), (stranger, "jobmanager", 6123, False),
            (stranger, "taskmanager", 6122, False), (leat["client"], "taskmanager", 6122, False)):
        if admits(b, source, leat[target], port) != wanted:
            yield (f"NetworkPolicy: {source[NAME]}/{source[COMPONENT]} must {'' if wanted else 'not '}"
                   f"reach port {port} of the {target}")


def clients_are_labelled(b):
    for w in b.of("Job"):
        if labels_of(w) != {NAME: "leat", COMPONENT: "client"}:
            yield f"Job {w['metadata']['name']}: the NetworkPolicy admits pods of component client"


def disruptions_are_bounded(b):
    if b.folder.endswith("single-node"):
        if b.of("PodDisruptionBudget"):
            yield "a budget would keep the only node from being drained"
        return
    version = "policy/v1beta1" if b.folder.endswith("old-api") else "policy/v1"
    if b.of("Deployment") and [p["apiVersion"] for p in b.of("PodDisruptionBudget")] != [version]:
        yield f"one PodDisruptionBudget of {version} is wanted"
    for budget in b.of("PodDisruptionBudget"):
        if selects(budget["spec"]["selector"], {NAME: "leat", COMPONENT: "jobmanager"}):
            yield "a budget for the JobManager's one pod would stop every drain"


def spread_over_nodes(b):
    w = b.workload("taskmanager")
    if w is None or b.folder.endswith("single-node"):
        return
    terms = pod_of(w).get("affinity", {}).get("podAntiAffinity", {})
    soft = terms.get("preferredDuringSchedulingIgnoredDuringExecution", [])
    if len(terms) != 1 or not any(selects(t["podAffinityTerm"]["labelSelector"], labels_of(w)) for t in soft):
        yield "TaskManagers want soft anti-affinity to each other"


RULES = [one_job_manager, task_managers_keep_nothing, room_to_leave, probed, hardened, resources_are_said,
         images_are_fixed, keys_are_known, ports_agree, reachable_while_not_ready, guarded, selectors_match,
         only_leat_reaches_actors, clients_are_labelled, disruptions_are_bounded, spread_over_nodes]
