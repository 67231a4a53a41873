"""A Leat cluster of containers on a network of its own, as docker/compose.yaml describes it."""

import os
import shutil
import subprocess
import threading

import podman as containers
from docker_files import CERTIFICATE_FILES, variable
from podman import OWNER, podman, until

LOCKED = ["--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp:exec", "--cap-drop", "ALL",
          "--security-opt", "no-new-privileges"]
REGISTERED = "event=taskmanager_registered"


class Cluster:
    """`with Cluster() as cluster:` one JobManager; all is removed at the end, whatever happens."""

    def __init__(self):
        self.name = f"leat-test-{os.getpid()}"
        self.label = ["--label", f"{OWNER}={os.getpid()}"]
        self.encryption = []  # podman's options for TLS
        self.bridge_is_held = False

    def __enter__(self):
        try:
            podman("network", "create", *self.label, self.name)
            for volume in ("data", "output"):
                self.new_volume(volume)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, failure=None, *_):
        if failure is not None:
            for container in containers.names("container", f"label={OWNER}={os.getpid()}"):
                containers.say(f"---- log of {container}\n{self.log(container)}")
        containers.remove(os.getpid())

    def new_volume(self, name):
        podman("volume", "create", *self.label, f"{self.name}-{name}")
        return self.volume(name)

    def volume(self, name, where=None, options=""):
        return ["-v", f"{self.name}-{name}:{where or '/' + name}{options}"]

    def start(self, name, *leat, podman_options=(), network=None):
        """A daemon that podman restarts when it dies. Returns the container's name."""
        container = f"{self.name}-{name}"
        podman("run", "-d", "--name", container, *self.label, *LOCKED, "--restart", "always",
               "--network", network or self.name, *podman_options, containers.IMAGE, *leat)
        self.hold_bridge()
        return container

    def hold_bridge(self):
        """Gives the network's bridge a hardware address of its own, once it is there.

        Otherwise it has one of its containers', and another one when that goes. The others send their
        questions for names to the old one until they notice, up to 45 seconds later."""
        if self.bridge_is_held or os.geteuid() != 0 or not shutil.which("ip"):
            return
        bridge = podman("network", "inspect", "-f", "{{.NetworkInterface}}", self.name).stdout.strip()
        held = subprocess.run(["ip", "link", "set", "dev", bridge, "address", "02:00:00:00:00:01"],
                              capture_output=True, check=False)
        self.bridge_is_held = held.returncode == 0

    def start_job_manager(self, *leat):
        self.job_manager = self.start(
            "jobmanager", "jobmanager", *self.insecure, *leat,
            podman_options=["--network-alias", "jobmanager", *self.encryption,
                            *self.volume("data"), *self.volume("output")])
        self.await_log(self.job_manager, "event=listening")
        return self.job_manager

    def start_task_managers(self, count=2):
        """Two slots each."""
        started = [self.start_task_manager(number) for number in range(1, count + 1)]
        self.await_log(self.job_manager, REGISTERED, count)
        return started

    def start_task_manager(self, number):
        return self.start(f"taskmanager-{number}", "taskmanager", *self.insecure, "--slots", "2",
                          podman_options=["-e", "LEAT_JOBMANAGER_RPC_ADDRESS=jobmanager",
                                          *self.encryption, *self.volume("output")])

    def remove(self, container):
        podman("rm", "-f", "-t", "0", container)

    def use_tls(self, certificates):
        """All that is started from now on gets these certificates, as docker/compose.tls.yaml does it."""
        podman("run", "--rm", *self.label, "--user", "0", "-v", f"{certificates}:/from:ro",
               *self.new_volume("tls"), "--entrypoint", "install", containers.IMAGE, "-o", "10001",
               "-m", "400", "-t", "/tls", "/from/ca.crt", "/from/tls.crt", "/from/tls.key")
        self.encryption = self.volume("tls", "/etc/leat/tls", ":ro")
        for key, path in CERTIFICATE_FILES.items():
            self.encryption += ["-e", f"{variable(f'security.ssl.{key}')}={path}"]

    @property
    def insecure(self):
        return [] if self.encryption else ["--insecure"]

    def log(self, container):
        shown = podman("logs", container, check=False)
        return shown.stdout + shown.stderr

    def await_log(self, container, text, times=1, seconds=60):
        """Waits until the log has `text` so many times; returns the log."""
        def there():
            log = self.log(container)
            return log if log.count(text) >= times else None
        return until(there, lambda: f"{times} x '{text}' in the log of {container}", seconds)

    def client_command(self, *leat):
        return ["run", "--rm", *self.label, *LOCKED, "--network", self.name,
                "-e", "LEAT_JOBMANAGER_RPC_ADDRESS=jobmanager", *self.encryption,
                *self.volume("output"), containers.IMAGE, *leat]

    def client(self, *leat):
        """`leat …` in a container of its own; returns what it printed."""
        return podman(*self.client_command(*leat)).stdout

    def shell(self, script, shell="sh", network="none"):
        """A shell with coreutils in a container that sees the jobs' output."""
        return podman("run", "--rm", *self.label, *LOCKED, "--network", network, "-e", "LC_ALL=C",
                      *self.volume("output"), "--entrypoint", shell, containers.IMAGE, "-c",
                      "set -e; " + script).stdout


class RunningJob:
    """`leat run …` in a container, while the test does other things."""

    def __init__(self, cluster, *leat):
        self.process = subprocess.Popen(["podman", *cluster.client_command("run", *leat)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.output = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        self.output = self.process.stdout.read()

    def join(self, seconds):
        """Waits for the end; the job must have finished."""
        code = self.process.wait(seconds)
        self.reader.join(seconds)
        assert code == 0, f"leat run: exit code {code}\n{self.output}"
        return self.output
