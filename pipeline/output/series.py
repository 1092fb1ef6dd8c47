"""Series over the years, in the database: what a report must repeat of the one before it."""

from __future__ import annotations

from pipeline.model.series import Promise
from pipeline.output.database import Database

__all__ = ["find_broken_promises"]

# One value an agency, year and field, where all reports of that agency and year agree. Blank counts as 0, as in the sums of a form; what could not
# be read counts as nothing at all.
_SETTLED = """
CREATE TEMP TABLE settled AS
SELECT agency_key, year, pointer,
       any_value(coalesce(value, 0)) AS value, bool_or(flagged) AS flagged, min(source) AS source,
       arg_min(report_number, source) AS report_number, arg_min(form, source) AS form, arg_min(agency, source) AS agency
FROM "values"
WHERE agency_key IS NOT NULL AND year IS NOT NULL AND pointer IN (SELECT unnest(?)) AND (value IS NOT NULL OR missing = 'blank-cell')
GROUP BY agency_key, year, pointer
HAVING count(DISTINCT coalesce(value, 0)) = 1
"""

_AMBIGUOUS = """
INSERT INTO series
SELECT 'series-ambiguous', 'one report a year', any_value(agency), agency_key, year, min(source), arg_min(report_number, source),
       arg_min(form, source), NULL, NULL, NULL, max(source), bool_or(flagged),
       'the reports of this agency for ' || year || ' differ in ' || count(DISTINCT pointer) || ' fields: ' || min(source) || ', ' || max(source)
FROM "values" JOIN (
    SELECT agency_key, year, pointer FROM "values"
    WHERE agency_key IS NOT NULL AND year IS NOT NULL AND pointer IN (SELECT unnest(?)) AND (value IS NOT NULL OR missing = 'blank-cell')
    GROUP BY agency_key, year, pointer
    HAVING count(DISTINCT coalesce(value, 0)) > 1
) USING (agency_key, year, pointer)
GROUP BY agency_key, year
"""

_BROKEN = """
INSERT INTO series
WITH terms AS (
    SELECT agency_key, year, sum(value * factor) AS change, bool_or(flagged) AS flagged, count(*) AS count
    FROM settled JOIN (SELECT unnest(?) AS pointer, unnest(?) AS factor) USING (pointer)
    GROUP BY agency_key, year
)
SELECT 'series-broken', ?, later.agency, later.agency_key, later.year, later.source, later.report_number, later.form, later.pointer,
       later.value, earlier.value + coalesce(change, 0), earlier.source,
       later.flagged OR earlier.flagged OR coalesce(terms.flagged, false),
       ? || ': ' || printf('%g', later.value) || ' is printed, ' || printf('%g', earlier.value + coalesce(change, 0)) || ' is expected'
FROM settled AS later
JOIN settled AS earlier ON earlier.agency_key = later.agency_key AND earlier.year = later.year - 1 AND earlier.pointer = ?
LEFT JOIN terms ON terms.agency_key = later.agency_key AND terms.year = later.year
WHERE later.pointer = ? AND coalesce(terms.count, 0) = ? AND later.value <> earlier.value + coalesce(change, 0)
"""


def find_broken_promises(database: Database, promises: tuple[Promise, ...]) -> None:
    """Add to table series, from table values, what does not hold between the reports of one agency for two years, one after the other.

    Agencies are the same when their folded names are. A promise is looked at only where all its fields are there in both reports; where several
    reports of one agency and year differ, that is said, and the differing fields are not looked at.
    """
    if not promises:
        return
    pointers = sorted({pointer for item in promises for pointer in (item.later, item.earlier, *item.plus, *item.minus)})
    database.run(_SETTLED, [pointers])
    database.run(_AMBIGUOUS, [pointers])
    for item in promises:
        terms = [*item.plus, *item.minus]
        factors = [1.0] * len(item.plus) + [-1.0] * len(item.minus)
        database.run(_BROKEN, [terms, factors, item.name, item.says, item.earlier, item.later, len(terms)])
    database.run("DROP TABLE settled")
