"""Turns samples into the table for people and the JSON for machines."""

import json
import pathlib
import statistics

from harness.compare import ratios, summary


def comparison(workload, samples):
    """All that is known of one workload, as plain data; the table is made from it as well."""
    baseline = workload.baseline.name
    rows = []
    for contestant in workload.contestants:
        name = contestant.name
        row = {
            "contestant": name,
            "engine": contestant.is_engine,
            "wall_s": summary([s.wall_s for s in samples[name]]),
            "cpu_s": summary([s.cpu_s for s in samples[name]]),
            "peak_rss_mb": summary([s.peak_rss_mb for s in samples[name]]),
            "records_per_s": workload.records / statistics.median(s.wall_s for s in samples[name]),
            "ratio": ratio_summary(samples, name, baseline, "wall_s"),
            "ratio_by_job_time": ratio_summary(samples, name, baseline, "job_s"),
            "ratio_by_cpu": ratio_summary(samples, name, baseline, "cpu_s"),
            "goal": workload.goals.get(name),
            "cpu_goal": workload.cpu_goals.get(name),
            "samples": [sample.as_json() for sample in samples[name]],
        }
        rows.append(row)
    return {"workload": workload.name, "about": workload.about, "records": workload.records,
            "bytes": workload.bytes, "baseline": baseline, "contestants": rows}


def ratio_summary(samples, name, baseline, value):
    values = ratios(samples, name, baseline, value)
    return summary(values) if values else None


def table(result):
    """The comparison as aligned text."""
    head = ["", "wall s", "min–max", "M rec/s", "cpu s", "peak MB",
            f"× {result['baseline']}", "min–max", "by job time", "by cpu", "goal"]
    lines = [head] + [table_row(row) for row in result["contestants"]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    title = f"{result['workload']}: {result['about']}"
    return "\n".join([title] + [format_line(line, widths) for line in lines]) + "\n"


def table_row(row):
    wall, ratio = row["wall_s"], row["ratio"]
    return [
        row["contestant"],
        f"{wall['median']:.2f}",
        f"{wall['min']:.2f}–{wall['max']:.2f}",
        f"{row['records_per_s'] / 1e6:.1f}",
        f"{row['cpu_s']['median']:.2f}",
        f"{row['peak_rss_mb']['median']:.0f}",
        f"{ratio['median']:.2f}",
        f"{ratio['min']:.2f}–{ratio['max']:.2f}",
        median_text(row["ratio_by_job_time"]),
        median_text(row["ratio_by_cpu"]),
        goal_text(row),
    ]


def median_text(ratio):
    return "" if ratio is None else f"{ratio['median']:.2f}"


def goal_text(row):
    """The verdict on `× baseline`, or on `by cpu` where the goal is one for that."""
    texts = []
    for ratio, goal, of in (("ratio", "goal", ""), ("ratio_by_cpu", "cpu_goal", "by cpu ")):
        if row[goal] is not None:
            reached = row[ratio]["median"] >= row[goal]
            texts.append(f"{of}≥ {row[goal]:.2f} {'met' if reached else 'missed'}")
    return ", ".join(texts)


def format_line(line, widths):
    """The first column to the left, numbers to the right."""
    cells = [line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:])]
    return "  " + "  ".join(cells).rstrip()


def fact_line(fact):
    value = summary(fact["values"])
    text = (f"  {fact['name']}: {value['median']:.{fact['digits']}f} {fact['unit']} "
            f"({value['min']:.{fact['digits']}f}–{value['max']:.{fact['digits']}f})")
    if fact["limit"] is not None:
        verdict = "met" if value["median"] < fact["limit"] else "missed"
        text += f", goal < {fact['limit']} {fact['unit']}: {verdict}"
    if fact.get("least") is not None:
        verdict = "met" if value["median"] >= fact["least"] else "missed"
        text += f", goal ≥ {fact['least']} {fact['unit']}: {verdict}"
    return text


def write_json(path, document):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")
