"""The harness tells the truth: it finds wrong results, pairs rounds, folds stacks.

  harness_test.py DIR   DIR holds the built programs of bench/
"""

import os
import pathlib
import stat
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

# pylint: disable=wrong-import-position
from harness import flame_graph, latency, perf, report  # noqa: E402
from harness.compare import check_results, ratios, run_rounds  # noqa: E402
from harness.contestants import ClusterEngine, LocalEngine, Loop, job_run_time_s  # noqa: E402
from harness.process import BenchError, Runner, Sample  # noqa: E402
from harness.workloads import Workload  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
RUNNER = Runner(PROGRAMS / "run_measured") if PROGRAMS else None

# Stands for the engine: understands the command lines the harness uses, counts with the loop.
FAKE_LEAT = """#!/bin/bash
case "$1" in
  jobmanager)
    echo "info jobmanager event=listening address=127.0.0.1:12345"
    echo "info jobmanager event=taskmanager_registered"
    echo "info jobmanager event=taskmanager_registered"
    exec sleep 60 ;;
  taskmanager) exec sleep 60 ;;
  local | run)
    while [[ "$1" != --input ]]; do shift; done
    mkdir "$4"
    {loop} plain "$4/part-0" "$2"
    {spoil}
    echo "Job Runtime: 250 ms (100 records read)" >&2 ;;
esac
"""


def is_alive(process):
    """Whether a folder of /proc is there and of no zombie."""
    try:
        return "State:\tZ" not in (process / "status").read_text()
    except OSError:
        return False


class HarnessTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.text = self.path / "text"
        self.text.write_text("one two two\n" * 100)

    def workload(self, spoil=""):
        loop = PROGRAMS / "word_count_loop"
        leat = self.path / "leat"
        leat.write_text(FAKE_LEAT.replace("{loop}", str(loop)).replace("{spoil}", spoil))
        leat.chmod(leat.stat().st_mode | stat.S_IXUSR)
        engine = (leat, "job.so", ["--input", self.text, "--output", "RESULT"])
        return Workload("words", "a test", 300, [
            Loop("loop", loop, "tuned", "RESULT", self.text),
            LocalEngine("local", *engine, parallelism=2),
            ClusterEngine("cluster", *engine, parallelism=2),
        ], goals={"local": 1000.0})

    def test_a_comparison_has_a_ratio_and_a_verdict_for_each_contestant(self):
        workload = self.workload()
        check_results(workload, self.path / "scratch", RUNNER)
        samples = run_rounds(workload, 2, self.path / "scratch", RUNNER)
        result = report.comparison(workload, samples)
        self.assertEqual([row["contestant"] for row in result["contestants"]],
                         ["loop", "local", "cluster"])
        self.assertEqual(result["contestants"][0]["ratio"]["median"], 1.0)
        self.assertTrue(all(len(row["samples"]) == 2 for row in result["contestants"]))
        self.assertEqual(result["contestants"][2]["samples"][0]["job_s"], 0.25)
        self.assertIn("≥ 1000.00 missed", report.table(result))

    def test_a_goal_may_be_for_the_cpu_time(self):
        row = {"ratio": {"median": 0.5}, "goal": None, "ratio_by_cpu": {"median": 0.9}, "cpu_goal": 0.8}
        self.assertEqual(report.goal_text(row), "by cpu ≥ 0.80 met")

    def test_a_wrong_result_is_refused(self):
        workload = self.workload(spoil='echo extra >> "$4/part-0"')
        with self.assertRaisesRegex(BenchError, "local, cluster and loop do not have the same"):
            check_results(workload, self.path / "scratch", RUNNER)

    def test_a_failing_program_is_reported_with_its_last_words(self):
        with self.assertRaisesRegex(BenchError, "(?s)exited with 3.*no luck"):
            RUNNER.run(["sh", "-c", "echo no luck >&2; exit 3"], self.path)

    def test_a_program_that_does_not_end_is_killed(self):
        with self.assertRaisesRegex(BenchError, "did not end within 0.2 s"):
            RUNNER.run(["sh", "-c", f"echo $$ > {self.path}/pid; exec sleep 60"], self.path, 0.2)
        process = pathlib.Path("/proc") / (self.path / "pid").read_text().strip()
        deadline = time.monotonic() + 30
        while is_alive(process) and time.monotonic() < deadline:
            os.sched_yield()
        self.assertFalse(is_alive(process))

    def test_peak_memory_is_the_programs_own(self):
        ballast = bytearray(300_000_000)
        sample = RUNNER.run(["true"], self.path)
        self.assertLess(sample.peak_rss_mb, 50, f"beside {len(ballast)} bytes of our own")

    def test_ratios_pair_the_samples_of_a_round(self):
        def samples(*walls):
            return [Sample(wall, 0, 0, 0, job_s=wall / 2) for wall in walls]
        both = {"loop": samples(1.0, 3.0), "engine": samples(2.0, 3.0)}
        self.assertEqual(ratios(both, "engine", "loop"), [0.5, 1.0])
        self.assertEqual(ratios(both, "engine", "loop", "job_s"), [1.0, 2.0])

    def test_the_run_time_is_the_last_one_printed(self):
        self.assertEqual(job_run_time_s("has finished.\nJob Runtime: 1500 ms (3 records)\n"), 1.5)
        self.assertIsNone(job_run_time_s("nothing of the kind"))


class LatencyTest(unittest.TestCase):
    def test_percentiles_are_read_off_all_subtasks_together(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "latency-0").write_text("1000000 90\n9000000 1\n")
            (path / "latency-1").write_text("1000000 5\n2000000 4\n")
            delays = latency.read_delays(path)
            self.assertEqual([latency.percentile_ms(delays, p) for p in (50, 95, 99, 99.99)],
                             [1, 1, 2, 9])

    def test_an_empty_result_is_an_error_not_a_good_time(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(BenchError, "no record arrived"):
                latency.read_delays(folder)

    def test_the_goal_is_for_the_difference_to_the_control_of_the_same_round(self):
        facts = latency.facts_of({latency.CONTROL: [[0, 1, 2, 3], [0, 10, 20, 30]],
                                  "one process": [[0, 3, 4, 8], [0, 11, 25, 32]]})
        limited = {fact["name"]: (fact["values"], fact["limit"]) for fact in facts if fact["limit"]}
        self.assertEqual(limited, {"one process, p99 over the control": ([2, 1], 5),
                                   "one process, p99.99 over the control": ([5, 2], 20)})

    def test_a_job_measures_what_the_harness_reads(self):
        job = PROGRAMS / "bench_latency.so"
        leat = PROGRAMS.parent / "bin" / "leat"
        if not leat.exists():
            self.skipTest("the engine is not built")
        with tempfile.TemporaryDirectory() as folder:
            engine = LocalEngine("engine", leat, job, [
                "--rate", 2000, "--seconds", 2, "--subtasks", 2, "--keys", 10, "--output", "RESULT"],
                parallelism=2, mode="streaming")
            engine.run(folder, RUNNER)
            delays = latency.read_delays(engine.result(folder))
        records = sum(count for _, count in delays)
        self.assertTrue(1500 <= records <= 2000, f"{records} of about 2000 behind the warm-up")
        self.assertGreater(latency.percentile_ms(delays, 50), 0)


class FlameGraphTest(unittest.TestCase):
    SCRIPT = """worker
\t    55d0 leat::Map<int, long>::find(std::pair<int, int> const&) (/lib/libleat.so)
\t    55c0 (anonymous namespace)::run(int) [clone .isra.0] (/bin/leat)

worker
\t    7f00 [unknown] (/usr/lib/libc.so.6)
\t    55c0 (anonymous namespace)::run(int) (/bin/leat)

"""

    def test_stacks_are_folded_outermost_first_without_arguments(self):
        self.assertEqual(dict(perf.fold_script(self.SCRIPT)), {
            ("worker", "run", "leat::Map<>::find"): 1,
            ("worker", "run", "[libc.so.6]"): 1,
        })

    def test_operators_keep_their_names(self):
        self.assertEqual(perf.readable("A::operator()(int)+0x10", "x"), "A::operator()")
        self.assertEqual(perf.readable("f<a::b<c> >(d<e>)", "x"), "f<>")

    def test_the_graph_is_well_formed_and_names_each_function_once(self):
        graph = flame_graph.draw(perf.fold_script(self.SCRIPT), "a < b")
        boxes = [element for element in xml.fromstring(graph).iter()
                 if element.get("class") == "b"]
        self.assertEqual(sorted(box.get("data-name") for box in boxes),
                         ["[libc.so.6]", "all", "leat::Map<>::find", "run", "worker"])


if __name__ == "__main__":
    unittest.main()
