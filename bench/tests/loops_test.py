"""The hand-written loops are right: a fast baseline that miscounts would be no baseline.

  loops_test.py DIR   DIR holds the built programs of bench/
"""

import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
LOOPS = ("plain", "tuned", "packed")
COREUTILS = (r"cat -- %s | LC_ALL=C tr A-Z a-z | LC_ALL=C tr -cs a-z0-9_ '\n' | grep -v '^$' "
             r"| LC_ALL=C sort | uniq -c | awk '{print $2 \"\t\" $1}' | LC_ALL=C sort")


def run(program, *arguments):
    subprocess.run([PROGRAMS / program, *map(str, arguments)], check=True)


class LoopsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def assert_counts_equal_coreutils(self, content):
        text = self.path / "text"
        text.write_bytes(content)
        script = COREUTILS.replace("\\\"", "\"") % text
        expected = subprocess.run(["bash", "-c", script], check=True, capture_output=True).stdout
        for loop in LOOPS:
            run("word_count_loop", loop, self.path / loop, text)
            result = b"".join(sorted((self.path / loop).read_bytes().splitlines(keepends=True)))
            self.assertEqual(result, expected, f"loop {loop}")

    def test_generated_text_is_counted_as_coreutils_count_it(self):
        run("make_text", "--bytes", 300_000, "--words", 5000, self.path / "generated")
        self.assert_counts_equal_coreutils((self.path / "generated").read_bytes())

    def test_any_bytes_are_counted_as_coreutils_count_them(self):
        seeded = random.Random(7)
        self.assert_counts_equal_coreutils(seeded.randbytes(200_000))

    def test_words_across_block_borders_stay_whole(self):
        words = " ".join("w" * n + "X_9" for n in (1, 15, 16, 17, 63, 64, 65, 4095, 32768, 70000))
        for padding in (0, 1, 31, 32700, 262100):
            self.assert_counts_equal_coreutils(b"." * padding + words.encode())

    def test_text_without_words_has_no_counts(self):
        self.assert_counts_equal_coreutils(b"")
        self.assert_counts_equal_coreutils(b"--- \n ... \xff\n")

    def test_the_same_seed_makes_the_same_text(self):
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            run("make_text", "--bytes", 50_000, "--words", 500, "--seed", seed, self.path / name)
        first, again, other = ((self.path / name).read_bytes() for name in "abc")
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertTrue(first.endswith(b"\n") and len(first) >= 50_000)

    def test_sums_by_key_add_up_to_the_sum_of_all_numbers(self):
        count, keys = 100_003, 1000
        run("sum_by_key_loop", count, keys, self.path / "sums")
        rows = [tuple(map(int, line.split("\t")))
                for line in (self.path / "sums").read_text().splitlines()]
        self.assertEqual({key for key, _ in rows}, set(range(keys)))
        self.assertEqual(sum(value for _, value in rows), count * (count - 1) // 2)


if __name__ == "__main__":
    unittest.main()
