"""podman as the tests use it: found, asked, and left as it was."""

import os
import shutil
import signal
import subprocess
import sys
import time

BASE = os.environ.get("LEAT_BASE_IMAGE", "debian:bookworm-slim")
IMAGE = os.environ.get("LEAT_IMAGE", "localhost/leat:test")
BUILD_IMAGE = "localhost/leat-build:test"
OWNER = "leat-test-owner"  # label: the process id of the test that something belongs to


class Skipped(Exception):
    """This machine cannot run the test; says why."""


def podman(*arguments, check=True, timeout=120, **options):
    """Runs podman and returns what subprocess does, with text in stdout and stderr."""
    done = subprocess.run(["podman", *arguments], timeout=timeout, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, capture_output=True, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"podman {' '.join(arguments)}: exit code {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


def require():
    """Skips unless podman is here and runs containers from the base image."""
    if not shutil.which("podman"):
        raise Skipped("podman is not installed")
    if podman("info", check=False).returncode != 0:
        raise Skipped("podman does not work here: " + last_line(podman("info", check=False).stderr))
    if podman("image", "exists", BASE, check=False).returncode != 0:
        pulled = podman("pull", "-q", BASE, check=False, timeout=300)
        if pulled.returncode != 0:
            raise Skipped(f"there is no base image {BASE}: " + last_line(pulled.stderr))
    tried = podman("run", "--rm", "--network", "none", BASE, "true", check=False)
    if tried.returncode != 0:
        raise Skipped("podman cannot run containers here: " + last_line(tried.stderr))


def last_line(text):
    return (text.strip().splitlines() or ["it says nothing"])[-1]


def names(kind, *filters):
    """Names of containers, volumes or networks that tests made."""
    command = {"container": ["ps", "-a", "--format", "{{.Names}}"],
               "volume": ["volume", "ls", "--format", "{{.Name}}"],
               "network": ["network", "ls", "--format", "{{.Name}}"]}[kind]
    for condition in filters:
        command += ["--filter", condition]
    return podman(*command).stdout.split()


def remove(owner):
    """Removes all that the test with this process id made."""
    label = f"label={OWNER}={owner}"
    for kind, how in (("container", ["rm", "-f", "-t", "0"]), ("volume", ["volume", "rm", "-f"]),
                      ("network", ["network", "rm", "-f"])):
        found = names(kind, label)
        if found:
            podman(*how, *found, check=False)


def remove_leftovers():
    """Removes what a test left that could not clean up, because it was killed itself."""
    listed = podman("ps", "-a", "--filter", f"label={OWNER}", "--format",
                    '{{index .Labels "%s"}}' % OWNER).stdout.split()
    for owner in set(listed):
        if not os.path.exists(f"/proc/{owner}"):
            remove(owner)


def kill_from_outside(container):
    """kill -9 of the container's first process, from the machine's side: a crash."""
    pid = podman("inspect", "-f", "{{.State.Pid}}", container).stdout.strip()
    assert pid != "0", f"{container} does not run"
    if os.geteuid() == 0:
        os.kill(int(pid), signal.SIGKILL)
    else:  # it belongs to a user that only podman's namespace knows
        podman("unshare", "kill", "-9", pid)


def until(condition, what, seconds=60):
    """Waits for a true value of condition() and returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")


def say(text):
    print(text, flush=True)


def build(root):
    """Builds the image unless LEAT_IMAGE names one. What has not changed is not built again."""
    if "LEAT_IMAGE" in os.environ:
        podman("image", "exists", IMAGE)
        return say(f"LEAT_IMAGE names {IMAGE}: nothing is built")
    # The stage that compiles has a name of its own, so that its layers stay for the next time.
    for target, tag in (("build", BUILD_IMAGE), ("runtime", IMAGE)):
        started = time.monotonic()
        command = ["podman", "build", "--layers", "--pull=never", "--build-arg", f"BASE={BASE}",
                   "--target", target, "--label", f"{OWNER}=image", "-t", tag,
                   "-f", f"{root}/docker/Dockerfile", root]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stdout,
                       stderr=subprocess.STDOUT)
        say(f"== stage {target}: {time.monotonic() - started:.1f} s")
    # Images that the two names meant before.
    podman("image", "prune", "-f", "--filter", f"label={OWNER}=image", check=False)
