#!/usr/bin/env python3
"""docker/* keeps the rules of docker_files.py, and each rule can fail.

  docker_files_test.py LEAT    LEAT is the program whose configuration keys count
"""

import copy
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: Python has no yaml module (python3-yaml)")
    sys.exit(77)

import docker_files

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAT = sys.argv.pop(1)


def read_files():
    text = {name: (ROOT / "docker" / name).read_text(encoding="utf-8")
            for name in ("Dockerfile", "leat.conf", "compose.yaml", "compose.tls.yaml")}
    project = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return {
        "dockerfile": text["Dockerfile"],
        "version": re.search(r"project\(leat VERSION (\S+)", project).group(1),
        "conf": docker_files.read_conf(text["leat.conf"]),
        "compose": yaml.safe_load(text["compose.yaml"]),
        "tls": yaml.safe_load(text["compose.tls.yaml"]),
    }


def in_dockerfile(old, new):
    def change(files):
        assert old in files["dockerfile"]
        files["dockerfile"] = files["dockerfile"].replace(old, new)
    return change


def in_service(name, key, value, file="compose"):
    def change(files):
        service = files[file]["services"][name]
        if value is None:
            del service[key]
        else:
            service[key] = value
    return change


# What the finding says -> what brings it about.
BREAKAGES = {
    "unknown key paralelism.default": lambda f: f["conf"].update({"paralelism.default": "2"}),
    "parallelism.default is not 2": lambda f: f["conf"].update({"parallelism.default": "1"}),
    "http.port is not 8081": lambda f: f["conf"].pop("http.port"),
    "jobmanager.data-dir is no volume": lambda f: f["conf"].update({"jobmanager.data-dir": "/tmp"}),
    "nobody reads stop_grace": in_service("taskmanager", "stop_grace", "30s"),
    "file system is writable": in_service("taskmanager", "read_only", None),
    "keeps capabilities": in_service("client", "cap_drop", None),
    "may gain privileges": in_service("client", "security_opt", None),
    "not run as the image's user": in_service("jobmanager", "user", "0"),
    "no /tmp": in_service("client", "tmpfs", None),
    "jobs can be loaded": in_service("taskmanager", "tmpfs", ["/tmp:mode=1777"]),
    "no tag of its own": in_service("client", "image", "${LEAT_IMAGE:-localhost/leat}"),
    "open to others": in_service("jobmanager", "ports", ["6123:6123"]),
    "LEAT_JOBMANAGER_ADDRESS is no key":
        in_service("client", "environment", {"LEAT_JOBMANAGER_ADDRESS": "jobmanager"}),
    "nobody asks for its health": in_service("taskmanager", "healthcheck", None),
    "nobody restarts it": in_service("taskmanager", "restart", None),
    "no time to leave": in_service("taskmanager", "stop_grace_period", "20s"),
    "is not declared": in_service("taskmanager", "volumes", ["elsewhere:/output"]),
    "cannot be scaled": in_service("taskmanager", "ports", ["127.0.0.1:6122:6122"]),
    "--insecure": in_service("taskmanager", "command", ["taskmanager", "--insecure"], "tls"),
    "security.ssl.key is not": in_service("jobmanager", "environment", {}, "tls"),
    "no certificates": in_service("client", "volumes", None, "tls"),
    "without LEAT_JOBMANAGER_RPC_ADDRESS": in_service("client", "environment", {}, "tls"),
    "no number above 0": in_dockerfile("USER 10001:10001", "USER root"),
    "no init": in_dockerfile('"/usr/bin/tini", "--", ', ""),
    "VOLUME makes": in_dockerfile("ENTRYPOINT", "VOLUME /data\nENTRYPOINT"),
    "ADD;": in_dockerfile("COPY docker/leat.conf", "ADD docker/leat.conf"),
    "names a registry": in_dockerfile("ARG BASE=", "ARG BASE=registry.example/"),
    "which is not the argument": in_dockerfile("FROM $BASE AS system", "FROM debian:12 AS system"),
    "VERSION is not the tree's": in_dockerfile("ARG VERSION=", "ARG VERSION=9"),
}


class DockerFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shown = subprocess.run([LEAT, "help", "config"], check=True, capture_output=True, text=True)
        cls.keys = docker_files.known_keys(shown.stdout)
        cls.files = read_files()

    def test_help_is_understood(self):
        self.assertEqual("1", self.keys["parallelism.default"])
        self.assertEqual("500 ms", self.keys["heartbeat.interval"])
        self.assertGreater(len(self.keys), 40)

    def test_they_keep_the_rules(self):
        self.assertEqual([], list(docker_files.check(self.files, self.keys)))

    def test_each_rule_can_fail(self):
        for said, change in BREAKAGES.items():
            with self.subTest(said):
                files = copy.deepcopy(self.files)
                change(files)
                findings = list(docker_files.check(files, self.keys))
                self.assertTrue(any(said in finding for finding in findings), findings)

    def test_compose_understands_them(self):
        composers = [command for command in (["docker", "compose"], ["docker-compose"])
                     if shutil.which(command[0]) and subprocess.run(
                         [*command, "version"], capture_output=True, check=False).returncode == 0]
        if not composers:
            self.skipTest("neither docker compose nor docker-compose is installed")
        files = ["-f", f"{ROOT}/docker/compose.yaml"]
        for chosen in (files, [*files, "-f", f"{ROOT}/docker/compose.tls.yaml"]):
            shown = subprocess.run([*composers[0], *chosen, "config"], capture_output=True, text=True,
                                   check=False)
            self.assertEqual(0, shown.returncode, shown.stderr)
            services = yaml.safe_load(shown.stdout)["services"]
            self.assertLessEqual({"jobmanager", "taskmanager"}, set(services))


if __name__ == "__main__":
    unittest.main()
