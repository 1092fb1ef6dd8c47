"""Measures of time and memory: `make bench`. Nothing here is a test; the machine decides the figures."""
