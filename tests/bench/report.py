# SPDX-License-Identifier: ISC
#
# Reads results.jsonl: says which floors were missed, makes the table for
# README.md, and with gnuplot two plots.

import json
import os
import shutil
import subprocess
import sys


def show(value):
    """A number as people read it; a spread as median (least-most)."""
    if isinstance(value, dict):
        return f"{show(value['median'])} ({show(value['min'])}–{show(value['max'])})"
    if value is None:
        return "-"
    if isinstance(value, float):
        if abs(value) >= 1000:
            return f"{value:,.0f}"
        return f"{value:.3g}"
    if isinstance(value, int) and abs(value) >= 10000:
        return f"{value:,}"
    return str(value)


def read(folder):
    with open(os.path.join(folder, "results.jsonl")) as f:
        return [json.loads(line) for line in f]


def find(rows, part, **wanted):
    """The rows of a part that have these values."""
    return [r for r in rows if r["part"] == part and all(r.get(k) == v for k, v in wanted.items())]


def median(value):
    return value["median"] if isinstance(value, dict) else value


def fast_disk(rows):
    """Of one record, as the disk was beside the verifications of one client."""
    return all(median(r["sync_p50"]) <= 200 for r in find(rows, "verify", kind="verify", clients=1) if r["sync_p50"])


# What is measured, the rows, the value, at least or at most, floor, aim.  A row
# stands for each population that was measured.
MEASURES = [
    ("verifications ÷ echo, 64 clients", "verify", dict(kind="verify", clients=64), "over_echo", "least", 0.15, 0.35,
     fast_disk),
    ("verifications ÷ echo, 256 clients", "verify", dict(kind="verify", clients=256), "over_echo", "least", 0.20, 0.45,
     fast_disk),
    ("verifications ÷ disk records, 1 client", "verify", dict(kind="verify", clients=1), "over_disk", "least", 0.20,
     0.40, None),
    ("p99 in fdatasyncs, 64 clients", "verify", dict(kind="verify", clients=64), "p99_in_syncs", "most", 12, 6, None),
    ("PAM ÷ pam_google_authenticator, 1 client", "pam", dict(peer="pam_google_authenticator", clients=1), "ratio",
     "least", 1.0, 1.3, None),
    ("PAM ÷ pam_google_authenticator, 8 clients", "pam", dict(peer="pam_google_authenticator", clients=8), "ratio",
     "least", 1.5, 3.0, None),
    ("PAM at 10⁶ people, 8 clients ÷ pam_oath at 10⁵ users, its best", "pam-scale",
     dict(people=10**6, users=10**5, clients=8), "ratio", "least", 40, 60, None),
    ("p50 at 10⁶ people ÷ at 10⁴", "scale", dict(people=10**6), "ratio", "most", 1.3, 1.05, None),
    ("instructions a verification", "instructions", {}, "count", "most", 80000, 30000, None),
    ("bytes an idle connection", "memory", {}, "each", "most", 2048, 1024, None),
    ("RssAnon with 10⁶ people", "memory", dict(people=10**6), "rss", "most", 16 << 20, 4 << 20, None),
    # Not at 10⁴: there it is the file's own pages, too.
    ("database bytes a person", "population", dict(people=10**5), "bytes", "most", 700, 300, None),
    ("database bytes a person", "population", dict(people=10**6), "bytes", "most", 700, 300, None),
    ("rounds in which one code opened twice", "race", dict(peer="countersign"), "several", "most", 0, 0, None),
]


def judge(rows):
    """(measure, value, floor, aim, verdict) for all that was measured."""
    for name, part, wanted, key, way, floor, aim, applies in MEASURES:
        for row in find(rows, part, **wanted):
            if row.get(key) is None:
                continue
            value = median(row[key])
            people = f", {row['people']:,} people" if part in ("verify", "population") else ""
            met = {"least": (value >= floor, value >= aim), "most": (value <= floor, value <= aim)}[way]
            verdict = "aim" if met[1] else "floor" if met[0] else "MISSED"
            if applies and not applies(rows):
                verdict = "slow disk"
            sign = "≥" if way == "least" else "≤"
            yield name + people, row[key], f"{sign} {show(floor)}", f"{sign} {show(aim)}", verdict


def not_measured(rows):
    """What has a floor, in the parts that were run, and no value."""
    for name, part, wanted, key, *_ in MEASURES:
        if find(rows, part) and not any(r.get(key) is not None for r in find(rows, part, **wanted)):
            yield name + (f", {wanted['people']:,} people" if part == "population" else "")


def conclude(folder):
    """Prints the verdict and makes the plots; the exit status."""
    rows = read(folder)
    missed = False
    print("floors and aims")
    for name, value, floor, aim, verdict in judge(rows):
        missed = missed or verdict == "MISSED"
        print(f"  {verdict:9}  {name}: {show(value)}  (floor {floor}, aim {aim})")
    for name in not_measured(rows):
        print(f"  -          {name}: not measured")
    for row in find(rows, "end"):
        print(f"{row['seconds']} s; {len(row['discarded'])} samples discarded"
              + "".join(f"\n  {name}" for name in sorted(set(row["discarded"]))))
    plot(folder, rows)
    print(f"results in {folder}")
    return 1 if missed else 0


# -- the table -------------------------------------------------------------------


def people(number):
    return f"10{'⁰¹²³⁴⁵⁶⁷⁸⁹'[len(str(number)) - 1]}"


def markdown(head, rows):
    """Nothing when there are no rows."""
    if not rows:
        return []
    return ["", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"] + [
        "| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def cells(row, *keys):
    return [show(row[k]) for k in keys]


def limits(rows):
    echo = {r["clients"]: show(r["rate"]) for r in find(rows, "echo")}
    return [[r["group"], *cells(r, "sync_p50", "sync_p99", "rate"), echo.get(r["group"], "-")] for r in find(rows, "disk")]


def beside(rows):
    for r in find(rows, "pam"):
        if r["rate"] is None:
            yield [r["peer"], r["clients"], "refuses right codes at once", "", "", ""]
        else:
            yield [r["peer"], r["clients"], *cells(r, "rate", "p50", "ours", "ratio")]
    for r in find(rows, "pam-scale"):
        if r["ratio"] is not None:
            yield [f"pam_oath, {people(r['users'])} users, always 1 client; ours {people(r['people'])} people",
                   r["clients"], show(r["oath"]), "", *cells(r, "rate", "ratio")]


def table(folder):
    rows = read(folder)
    machine = find(rows, "machine")[0]
    lines = [f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['system']}, {machine['file_system']}, "
             f"{machine['date']}; {machine['samples']}, median (least–most); a loop that does nothing else stood still "
             f"{machine['stalls']} times a second for more than 0.5 ms, {machine['longest_ms']} ms at most."]
    lines += markdown(["measure", "here", "floor", "aim"], [
        [name, show(value) + {"MISSED": " (missed)", "slow disk": " (not judged: slow disk)"}.get(verdict, ""), floor, aim]
        for name, value, floor, aim, verdict in judge(rows)])
    lines += markdown(["durable verifications", "clients", "a second", "p50 µs", "p99 µs", "p99 in fdatasyncs", "an fdatasync's own",
                       "batch", "÷ disk", "÷ echo"], [
        [f"{r['kind']}, {people(r['people'])} people", r["clients"],
         *cells(r, "rate", "p50", "p99", "p99_in_syncs", "disk_p99_in_syncs", "batch", "over_disk", "over_echo")]
        for r in find(rows, "verify")])
    lines += markdown(["group, clients", "fdatasync p50 µs", "p99 µs", "records a second", "echo round trips a second"],
                      limits(rows))
    lines += markdown(["through libpam, beside", "clients", "its a second", "its p50 µs", "ours a second", "ours ÷ its"],
                      list(beside(rows)))
    lines += markdown(["one code presented by 8 at once", "rounds", "opened twice or more", "at most"], [
        [r["peer"], r["rounds"], r["several"], r["worst"]] for r in find(rows, "race")])
    lines += markdown(["people", "p50 µs, 1 client", "÷ 10⁴", "bytes each", "start s", "accounts listed a second"], [
        [people(r["people"]), *cells(r, "p50", "ratio", "bytes", "start", "listing")] for r in find(rows, "scale")])
    return "\n".join(lines)


# -- plots -----------------------------------------------------------------------

HEAD = """set terminal svg size 640,400 background "white"
set logscale x
set grid
set key left top
"""


def write_data(folder, name, rows, x, y):
    with open(os.path.join(folder, name), "w") as f:
        for r in sorted((r for r in rows if r[y]), key=lambda r: r[x]):
            f.write(f"{r[x]} {r[y]['median']} {r[y]['min']} {r[y]['max']}\n")


def draw(folder, name, commands):
    subprocess.run(["gnuplot"], input=HEAD + f'set output "{name}.svg"\n' + commands, text=True, cwd=folder, check=True)


def plot(folder, rows):
    if not shutil.which("gnuplot"):
        print("no plots: gnuplot is missing")
        return
    curves = []
    for kind in ("verify", "wrong", "replay", "authenticator"):
        for size in sorted({r["people"] for r in find(rows, "verify", kind=kind) if r["rate"]}):
            name = f"rate-{kind}-{size}.dat"
            write_data(folder, name, find(rows, "verify", kind=kind, people=size), "clients", "rate")
            curves.append(f'"{name}" using 1:2:3:4 with yerrorlines title "{kind}, {size} people"')
    if curves:
        draw(folder, "rate", 'set logscale y\nset xlabel "clients"\nset ylabel "a second"\nplot ' + ", ".join(curves) + "\n")
    if any(r["p50"] for r in find(rows, "scale")):
        write_data(folder, "latency.dat", find(rows, "scale"), "people", "p50")
        draw(folder, "latency", 'set yrange [0:]\nset xlabel "people"\nset ylabel "microseconds, one client"\n'
             'plot "latency.dat" using 1:2:3:4 with yerrorlines title "p50 of a verification"\n')


if __name__ == "__main__":
    words = [w for w in sys.argv[2:] if w != "--table"]
    print(table(words[0] if words else "bench-results"))
