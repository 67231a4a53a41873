"""2: word count as a Kubernetes Job, as docs/kubernetes.md shows it."""

import collections
import re

from cluster import MANAGER
from kube import expect, wait_until

INPUT = "/usr/share/common-licenses"


def run(t):
    cluster = t.cluster
    with t.step("the cluster and the Job are applied together"):
        cluster.create()
        cluster.apply(examples=["word-count"])
    with t.step("its counts are right") as details:
        wait_until("the Job is complete", lambda: cluster.job_conditions("leat-word-count").get("Complete"), 180)
        details.append(check_counts(cluster, cluster.log("job/leat-word-count")))


def check_counts(cluster, text):
    """Lines of words and counts are those of the files in the image."""
    counts = dict(re.findall(r"^(\w+)\t(\d+)$", text, re.MULTILINE))
    files = cluster.kubectl("exec", MANAGER, "--", "sh", "-c", f"find {INPUT} -type f -exec cat {{}} +")
    wanted = collections.Counter(word.decode() for word in re.findall(rb"[a-z0-9_]+", files.encode().lower()))
    expect(counts == {word: str(n) for word, n in wanted.items()},
           f"{len(counts)} words came back, {len(wanted)} are there")
    return f"{len(wanted)} words, {sum(wanted.values())} in all"
