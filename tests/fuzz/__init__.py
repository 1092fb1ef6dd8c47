"""Hostile and damaged inputs: `make fuzz`. What was found stays in corpus/ and is replayed by test_corpus.py."""
