"""What a measurement has to be read with: the machine, the code, the build."""

import datetime
import os
import pathlib
import platform
import re
import subprocess


def first_match(pattern, text, default="unknown"):
    match = re.search(pattern, text)
    return match.group(1).strip() if match else default


def output_of(command, folder):
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def facts(root, build):
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    memory = pathlib.Path("/proc/meminfo").read_text()
    cache = pathlib.Path(build) / "CMakeCache.txt"
    cached = cache.read_text() if cache.exists() else ""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": output_of(["git", "rev-parse", "HEAD"], root) or "unknown",
        "uncommitted_changes": bool(output_of(["git", "status", "--porcelain"], root)),
        "cpu": first_match(r"model name\s*: (.*)", cpu),
        "cores": os.cpu_count(),
        "memory_gb": round(int(first_match(r"MemTotal:\s*(\d+)", memory, "0")) / 1048576, 1),
        "kernel": platform.release(),
        "compiler": output_of(["c++", "--version"], root).split("\n")[0],
        "flags": first_match(r"CMAKE_CXX_FLAGS_RELWITHDEBINFO:\w+=(.*)", cached),
        "load_average": os.getloadavg()[0],
    }
