"""kubectl in one namespace, and waiting for a condition with a deadline."""

import json
import os
import subprocess
import time

# Stretches all deadlines, for slow clusters; --patience sets it.
PATIENCE = {"factor": 1.0}


class Failure(Exception):
    """What a scenario claims does not hold."""


class Skipped(Exception):
    """This step needs something that is not there; says what."""


def wait_until(what, probe, seconds):
    """Polls until `probe` returns something true, and returns that. A probe that fails is asked again."""
    deadline = time.monotonic() + seconds * PATIENCE["factor"]
    last = None
    while True:
        try:
            result = probe()
            if result:
                return result
            last = result
        except (Failure, subprocess.TimeoutExpired) as error:
            last = error
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds * PATIENCE['factor']:.0f} s"
                          + (f"; last: {last}" if last else ""))
        time.sleep(0.5)


def expect(condition, what):
    if not condition:
        raise Failure(what)


def kubectl(*args, stdin=None, timeout=120):
    """Standard output of kubectl; a Failure with its words when it fails."""
    done = subprocess.run(["kubectl", *args], input=stdin, capture_output=True, text=True,
                          timeout=timeout * PATIENCE["factor"], check=False)
    if done.returncode != 0:
        raise Failure(f"kubectl {' '.join(args[:6])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def get(*args):
    return json.loads(kubectl("get", *args, "-o", "json"))


def need_hooks(*variables):
    for variable in variables:
        if not os.environ.get(variable):
            raise Skipped(f"{variable} names no command")


def hook(variable, *args):
    """Runs a command that the environment names, for what kubectl cannot do."""
    command = os.environ[variable]
    done = subprocess.run([*command.split(), *args], capture_output=True, text=True, timeout=60, check=False)
    expect(done.returncode == 0, f"{variable}: {done.stderr.strip() or done.stdout.strip()}")


def is_ready(pod):
    return "deletionTimestamp" not in pod["metadata"] and any(
        c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", []))


def ready_nodes():
    """Names of the nodes that take pods."""
    nodes = []
    for node in get("nodes")["items"]:
        taken = node["spec"].get("unschedulable") or any(
            t["effect"] != "PreferNoSchedule" for t in node["spec"].get("taints", []))
        ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])
        if ready and not taken:
            nodes.append(node["metadata"]["name"])
    return sorted(nodes)
