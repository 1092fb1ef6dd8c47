"""HTML -> Document: `read` parses, `page` keeps what the tags come to, `blocks` writes it down; `marked` does so for a part of a
text, and `unseen` knows what a page does not show.

lxml reports each tag to `Page`, which keeps the text blocks and the tables: no tree is built, memory follows what is kept, and
no depth of nesting can overflow a stack. Element places are the paths that the elements have in the tree lxml builds from the same bytes
(`getroottree().getpath`). Whether a first `td` is `td` or `td[1]` depends on what follows it, so paths are written down at the end.

Tables are understood as the HTML standard's tree construction would, also where libxml2's tree differs: a `td` that lies inside an unclosed
`div` of another cell opens the next cell of the table, a `div` or `form` between `table` and `tr` does not matter, and text of a table
outside its cells stands before the table. One thing is not as there: a table between the rows of another does not end it.

Decisions:
- Text that the page hides (`hidden`, `display:none`) is left out, with a finding. Tables are given also where they are hidden (tabs and
  print versions hide real ones), and say so; hiding a row does not remove it. A hidden cell of a row that shows others is left out: a
  browser lays such a row out without it.
- Struck-out text (`del`, `s`, `strike`, `line-through`) is left out, with a finding: beside the number that took its place it would make another.
- Inline text of a cell that cannot be seen (no size, no opacity, far outside) is left out like hidden text. What may not be seen, or is another
  thing than the text around it (a link, a button, a drawing, white letters, classes that hide), is parted from digits before it and behind it.
- A table that holds tables but has no text of its own is layout: only what it holds is given.
- A table that holds tables and has text of its own (in 40 cells at most), and one with a single cell that has text, is often layout too. It
  is given as a table, and its text a second time as text blocks after it, so that titles, captions and prose in it can be found as such.
- Every run of white space, no-break and ideographic spaces among it, is one space; lines (`br`, ends of blocks) without text are dropped.
  The lines of a `pre` are read as a text dump is (readers.text): tables in them are found, each other line with text is a text block. They
  all have the place of the `pre`. In the text of a cell a `pre` keeps its lines.
- The value of an `input` in a cell of a table is text of the cell, as the page shows it: some tables are forms filled in.
- A superscript or subscript digit beside a digit is parted from it (`12^1`, `12_1`), or a wrong number would come out. A superscript that
  ends a line of a cell, with nothing but a number before it, is the mark of a note and is left out, with a finding; but 10 may be the base
  of a power.
"""
