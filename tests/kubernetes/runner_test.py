#!/usr/bin/env python3
"""The runner's own judgement, without a cluster: a scenario whose rows are wrong must not pass."""

import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from client import check_sequence, ended_with, progress  # noqa: E402
from cluster import changed_conf  # noqa: E402
from kube import Failure, wait_until  # noqa: E402


def rows(count, keys):
    return [str(n) for n in range(count)] + [
        f"{key}\t{len(range(key, count, keys))}\t{sum(range(key, count, keys))}" for key in range(keys)]


class Oracle(unittest.TestCase):
    def test_takes_each_number_once_in_any_order(self):
        check_sequence(list(reversed(rows(100, 7))), 100, 7)

    def refuses(self, changed, words):
        with self.assertRaisesRegex(Failure, words):
            check_sequence(changed, 100, 7)

    def test_refuses_what_is_lost_doubled_or_strange(self):
        right = rows(100, 7)
        self.refuses(right[1:], "1 are missing")
        self.refuses(right + ["5"], "1 doubled")
        self.refuses(right + ["100"], "1 strange")

    def test_refuses_wrong_missing_and_doubled_sums(self):
        right = rows(100, 7)
        self.refuses(right[:-1], "sums")
        self.refuses(right + right[-1:], "sums")
        self.refuses(right[:-1] + ["6\t14\t1"], "sums")

    def test_takes_a_log_for_complete_when_both_streams_have_ended(self):
        self.assertIsNone(ended_with("7\n"))
        self.assertIsNone(ended_with("leat ended with 0\n7\n"))
        self.assertEqual(ended_with("leat ended with 3\n7\nleat ended with 3\n"), 3)

    def test_tells_rows_from_progress(self):
        log = "Job has been submitted with JobID 12ab\n7\n1\t2\t3\nRUNNING, running 2 of 2"
        self.assertEqual(len(progress(log)), 2)


class Waiting(unittest.TestCase):
    def test_ends_at_its_deadline_with_what_it_saw_last(self):
        def probe():
            raise Failure("3 of 4")
        with self.assertRaisesRegex(Failure, "ready: not within 0 s; last: 3 of 4"):
            wait_until("ready", probe, 0)


class Conf(unittest.TestCase):
    def test_replaces_appends_and_removes_keys(self):
        text = changed_conf({"parallelism.default": "3", "no.such.key": "1", "http.port": None})
        self.assertIn("parallelism.default = 3\n", text)
        self.assertNotIn("parallelism.default = 2\n", text)
        self.assertIn("no.such.key = 1\n", text)
        self.assertNotIn("http.port", text)


class Scenarios(unittest.TestCase):
    def test_each_name_is_a_module_with_run(self):
        folder = pathlib.Path(__file__).resolve().parent
        listed = (folder / "run").read_text()
        for file in (folder / "scenarios").glob("*.py"):
            self.assertIn(f'"{file.stem}"', listed)
            spec = importlib.util.spec_from_file_location(file.stem, file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            self.assertTrue(callable(module.run))


if __name__ == "__main__":
    unittest.main()
