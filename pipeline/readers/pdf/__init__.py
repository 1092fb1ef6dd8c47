"""PDF -> Document: pages of pdfium's objects, words, rules, the tables that rules and words make, and what goes on over pages."""
