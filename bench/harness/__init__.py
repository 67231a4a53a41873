"""The benchmark harness behind bench/run; docs/benchmarks.md explains what is measured and how."""
