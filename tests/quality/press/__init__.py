"""The press: known truths, printed to HTML in several hands, put through converters that nobody here wrote.

    python -m tests.quality.press --out DIR --count N --seed S [--converters a,b] [--sets clean,clerk,lossy]

writes DIR/documents/* and DIR/truth.jsonl (one truth a document). The same arguments give the same bytes as long as
the converters are the same.

Order of work: figures -> printing -> layout -> hands -> (damage) -> converters -> oracle. `make` is the only module that lists it.
"""
