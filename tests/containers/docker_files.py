"""What must hold of docker/*, told without podman: a function from the files to findings."""

import re

# In the image and in docs/containers.md.
CERTIFICATE_FILES = {"certificate": "/etc/leat/tls/tls.crt", "key": "/etc/leat/tls/tls.key",
                     "ca": "/etc/leat/tls/ca.crt"}

# Of the compose specification, what these files may need.
SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "deploy", "entrypoint", "environment", "healthcheck",
    "image", "init", "logging", "mem_limit", "networks", "ports", "profiles", "read_only", "restart",
    "security_opt", "stop_grace_period", "tmpfs", "user", "volumes"}


def seconds(text):
    value, unit = re.fullmatch(r"(\d+)\s*(ms|s|m|min|h)", text).groups()
    return int(value) * {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600}[unit]


def known_keys(help_text):
    """Key -> default, from `leat help config`."""
    return dict(re.findall(r"^([a-z][\w.-]*)\n(?:    .*\n)*?    Value: .*?Default: (.*?)\. Read by",
                           help_text, re.MULTILINE))


def variable(key):
    return "LEAT_" + re.sub(r"[^A-Z0-9]", "_", key.upper())


def read_conf(text):
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in lines if line)


def is_pinned(image):
    """Has a tag or a digest, and no moving one."""
    image = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", image)
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    return "@" in image or (tag and tag != "latest")


def check_conf(conf, keys):
    for key in conf:
        if key not in keys:
            yield f"leat.conf: unknown key {key}"
    for key, value in (("parallelism.default", "2"), ("taskmanager.rpc.port", "6122"),
                       ("http.port", "8081")):
        if conf.get(key) != value:
            yield f"leat.conf: {key} is not {value}"


def check_service(name, service, keys, leave_timeout):
    for key in service:
        if key not in SERVICE_KEYS:
            yield f"nobody reads {key}"
    if service.get("read_only") is not True:
        yield "its root file system is writable"
    if service.get("cap_drop") != ["ALL"] or "cap_add" in service:
        yield "it keeps capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "it may gain privileges"
    if service.get("privileged") or "user" in service:
        yield "it does not run as the image's user"
    if not any(re.match(r"/tmp:.*\bexec\b", entry) for entry in service.get("tmpfs", [])):
        yield "it has no /tmp from which jobs can be loaded"
    if not is_pinned(service.get("image", "")):
        yield "its image has no tag of its own"
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"port {port} is open to others than this machine"
    for entry in service.get("environment", {}):
        if entry not in map(variable, keys):
            yield f"variable {entry} is no key"
    if name != "client":
        if service.get("restart") not in ("always", "unless-stopped"):
            yield "nobody restarts it"
        if "/8081" not in str(service.get("healthcheck")):
            yield "nobody asks for its health"
        if seconds(service.get("stop_grace_period", "10s")) <= leave_timeout:
            yield f"stop_grace_period leaves no time to leave ({leave_timeout:g} s)"


def check_compose(compose, conf, keys):
    leave_timeout = seconds(conf.get("taskmanager.leave-timeout",
                                     keys.get("taskmanager.leave-timeout", "20 s")))
    services = compose["services"]
    for name, service in services.items():
        for finding in check_service(name, service, keys, leave_timeout):
            yield f"compose.yaml, {name}: {finding}"
        for mount in service.get("volumes", []):
            if mount.split(":")[0] not in compose["volumes"]:
                yield f"compose.yaml, {name}: volume {mount} is not declared"
    mounts = [mount.split(":")[1] for mount in services["jobmanager"].get("volumes", [])]
    if conf.get("jobmanager.data-dir") not in mounts:
        yield "compose.yaml: jobmanager.data-dir is no volume"
    if "ports" in services["taskmanager"] or "container_name" in services["taskmanager"]:
        yield "compose.yaml: the TaskManager cannot be scaled"


def check_tls(tls, compose):
    for name in compose["services"]:
        service = tls["services"].get(name, {})
        command = service.get("command", [] if name == "client" else ["--insecure"])
        if "--insecure" in command:
            yield f"compose.tls.yaml, {name}: --insecure"
        for key, path in CERTIFICATE_FILES.items():
            if service.get("environment", {}).get(variable(f"security.ssl.{key}")) != path:
                yield f"compose.tls.yaml, {name}: security.ssl.{key} is not {path}"
        if not any(mount.endswith(":/etc/leat/tls:ro") for mount in service.get("volumes", [])):
            yield f"compose.tls.yaml, {name}: no certificates are mounted"
        lost = set(compose["services"][name].get("environment", {})) - set(service.get("environment", {}))
        if lost:
            yield f"compose.tls.yaml, {name}: without {', '.join(sorted(lost))}"


def check_dockerfile(text, version):
    steps = re.sub(r"\\\n(?:\s*#.*\n)*", " ", text)
    last = steps[steps.rindex("\nFROM "):]
    users = re.findall(r"^USER\s+(\S+)", last, re.MULTILINE)
    if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
        yield "Dockerfile: the last USER is no number above 0"
    if not re.search(r'^ENTRYPOINT \["[^"]*tini", "--", ', last, re.MULTILINE):
        yield "Dockerfile: no init comes first in ENTRYPOINT"
    if re.search(r"^VOLUME", steps, re.MULTILINE):
        yield "Dockerfile: VOLUME makes volumes that nobody knows of"
    if re.search(r"^ADD\b", steps, re.MULTILINE):
        yield "Dockerfile: ADD; COPY does not download"
    base = re.search(r"^ARG BASE=(\S+)", steps, re.MULTILINE).group(1)
    if not is_pinned(base):
        yield f"Dockerfile: {base} has no tag of its own"
    if "." in base.split("/")[0].split(":")[0]:
        yield f"Dockerfile: {base} names a registry"
    for image in re.findall(r"^FROM\s+(\S+)", steps, re.MULTILINE):
        if image not in ("$BASE", "scratch"):
            yield f"Dockerfile: FROM {image}, which is not the argument BASE"
    if f"\nARG VERSION={version}\n" not in last:
        yield f"Dockerfile: VERSION is not the tree's, {version}"


def check(files, keys):
    """All findings. files: dockerfile, version, conf, compose, tls; keys: known_keys()."""
    yield from check_conf(files["conf"], keys)
    yield from check_compose(files["compose"], files["conf"], keys)
    yield from check_tls(files["tls"], files["compose"])
    yield from check_dockerfile(files["dockerfile"], files["version"])
