"""The benchmark suite: how fast and how small, each figure beside a baseline measured in the same run.

    make bench                             every line
    make bench ONLY="start autocomplete"   the lines whose names hold one of these words
    .venv/bin/python -m bench --rounds 1   a quick look; what counts is five rounds or more

It prints a table as rows come and writes build/bench.json. It is no part of the tests, and not of what is installed.

To add a line: write a module here that exposes `LINES`, a tuple of `bench.measuring.Line`, and name the module in
`bench/__main__.py`. A line has two measurements, `ours` and `baseline`: plain functions at the top of a module,

    def book_by_hand(ground: Ground, database: str) -> Figures:
        url = ground.database(database, "by-hand")      # a new database with every table, SQLite or PostgreSQL
        ...
        return {"value": booked / seconds, "p99_s": p99}

Each run of a measurement is a process of its own, so that its peak memory is its own; ours and the baseline take turns,
`rounds` times each. What is returned: "value" (or a bare number), and whatever else the line's limits speak of. What must
be exactly so, the measurement asserts: a broken assertion is the row's fault, and the row is not met. Clean up after
yourself: `ground.folder` is one folder for all runs of the line. A measurement that measures other processes returns their
"peak_mb" too, and that counts.

`prepare`, if there is one, runs once before all, in a process of its own; what it returns (anything that is JSON) is there
as `ground.made`. `given` are further arguments by name for all three; `baseline_given` replaces them for the baseline.

    LINES = (
        Line(
            what="a burst of 500, SQLite", unit="bookings/s", against="the same statements by hand",
            ours=book_by_us, baseline=book_by_hand, given={"database": "sqlite"},
            limits=(Limit("ratio", least=0.25), Limit("p99_s", most=1.5)),
        ),
    )

A ratio is always ours divided by the baseline, medians both. A limit on any other figure is on the median of ours.
`bench.filling` fills a database with as many people, sessions, bookings and notices as are wanted, in seconds.
"""
