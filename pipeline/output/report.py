"""report.html: one page for people, made of the tables of a dataset. Nothing in it is fetched from elsewhere, and nothing in it runs. Owns jinja2."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.errors import ConfigError
from pipeline.model.catalogue import finding_catalogue
from pipeline.model.jsonbytes import load_json
from pipeline.model.path_text import unprinted_path
from pipeline.model.series import Meaning
from pipeline.output.charts import Series, bar_chart, column_chart
from pipeline.output.database import Database
from pipeline.output.visible import visible_text

__all__ = ["render_report"]

_MOST_DOCUMENTS = 300
_MOST_SERIES = 200
_MOST_FAILURES = 30
_MOST_KINDS = 12
_MOST_ARCHIVES = 15
_MOST_VALUES = 9
_MOST_YEARS = 15
_MOST_REASONS = 5
_FORM_STYLES = 5

_STATUSES = tuple(Series(name, f"{name}-fill") for name in ("accepted", "flagged", "no-report", "failed"))
_MEANINGS = {
    "accepted": "every field read, every sum holds",
    "flagged": "fields in doubt are named below",
    "no-report": "nothing in it is a known form",
    "failed": "could not be read",
}

# A row a report, so that its hundreds of values are looked through once.
_REPORTS = """
CREATE TEMP TABLE report AS
SELECT source, report_number, any_value(form) AS form, any_value(agency) AS agency, any_value(agency_key) AS agency_key, any_value(year) AS year,
       count(*) FILTER (flagged AND value IS NOT NULL) AS doubted, count(*) FILTER (flagged AND value IS NULL) AS missing
FROM "values" GROUP BY source, report_number
"""

# A number in doubt that stands in the data may be believed; one that is missing cannot be. A file of a kind that nobody reads is mostly no report.
_WEIGHTS = """
CREATE TEMP TABLE weight AS
SELECT sources.source, status, failure_code, coalesce(doubted, 0) AS doubted, coalesce(missing, 0) AS missing,
       coalesce(errors, 0) AS errors, coalesce(others, 0) AS others,
       CASE status WHEN 'failed' THEN if(failure_code = 'unsupported-format', 2, 20) WHEN 'no-report' THEN 1 ELSE
           30 * coalesce(doubted, 0) + 30 * coalesce(errors, 0) + coalesce(missing, 0) + coalesce(others, 0) END AS weight
FROM sources
LEFT JOIN (SELECT source, sum(doubted) AS doubted, sum(missing) AS missing FROM report GROUP BY source) USING (source)
LEFT JOIN (SELECT source, count(*) FILTER (severity = 'error') AS errors,
                  count(*) FILTER (severity = 'warning') AS others FROM findings GROUP BY source) USING (source)
WHERE status <> 'accepted'
"""

# By report first: counting what is distinct among all the findings of an archive took longer than all the rest.
_CAUSES = """
WITH here AS (
    SELECT source, report_number, code, any_value(severity) AS severity, count(*) AS findings, count(*) FILTER (severity = 'error') AS errors
    FROM findings WHERE severity <> 'info' GROUP BY source, report_number, code
), named AS (
    SELECT DISTINCT source, report_number, code, unnest(pointers) AS pointer FROM findings WHERE severity <> 'info'
), counted AS (
    SELECT code, count(value) AS doubted, count(*) - count(value) AS missing
    FROM named LEFT JOIN (SELECT source, report_number, pointer, value FROM "values" WHERE flagged) USING (source, report_number, pointer)
    GROUP BY code
)
SELECT code, any_value(severity), count(*) AS reports, any_value(coalesce(doubted, 0)) AS doubted
FROM here LEFT JOIN counted USING (code)
GROUP BY code
ORDER BY 30 * any_value(coalesce(doubted, 0)) + 30 * sum(errors) + any_value(coalesce(missing, 0)) + sum(findings) DESC, code
"""


@dataclass(frozen=True, slots=True)
class _Link:
    """A source, and where it can be opened."""

    path: str
    href: str | None


def render_report(
    database: Database, out: Path, *, locate: Callable[[str], str | None], meanings: Sequence[Meaning], engine_version: str
) -> bytes:
    """The page. `database` holds the tables of the dataset; `out` is the directory that the page will lie in.

    `locate` gives the absolute path of a source (and what is behind it in an archive), or None where it is not known. Reading it needs memory for the
    page alone: what is listed is bounded. ConfigError when jinja2 is not installed.
    """
    page = _Page(database, out, locate).build(meanings)
    page["engine_version"] = engine_version
    text: str = _template().render(page=page)
    return text.encode("utf-8", "backslashreplace")


def _markup() -> Any:
    from markupsafe import Markup  # jinja2's own

    return Markup


def _template() -> Any:
    try:
        import jinja2
    except ModuleNotFoundError as error:
        raise ConfigError("a report needs jinja2: pip install 'tabularium[dataset]'") from error
    text = (Path(__file__).with_name("report.html.j2")).read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(text)


class _Page:
    """What the template shows, asked of the tables."""

    def __init__(self, database: Database, out: Path, locate: Callable[[str], str | None]) -> None:
        self._database = database
        self._out = os.path.abspath(out)
        self._locate = locate

    def build(self, meanings: Sequence[Meaning]) -> dict[str, Any]:
        """All of it."""
        self._database.run(_REPORTS)
        self._database.run(_WEIGHTS)
        counts = dict(self._rows("SELECT status, count(*) FROM sources GROUP BY status"))
        first, last, agencies, reports = next(self._rows("SELECT min(year), max(year), count(DISTINCT agency_key), count(*) FROM report"))
        forms = [
            Series(form, f"f{number % _FORM_STYLES}-fill")
            for number, (form,) in enumerate(self._rows("SELECT DISTINCT form FROM report ORDER BY form"))
        ]
        return {
            "document_count": _grouped(sum(counts.values())),
            "report_count": _grouped(reports) if reports else 0,
            "agency_count": _grouped(agencies),
            "years": None if first is None else str(first) if first == last else f"{first} to {last}",
            "tiles": [
                {"name": item.name, "style": item.name, "count": _grouped(counts.get(item.name, 0)), "meaning": _MEANINGS[item.name]}
                for item in _STATUSES
            ],
            "status_series": _STATUSES,
            "form_series": forms,
            "by_kind": self._by_kind(),
            **self._by_archive(),
            "failures": self._failures(),
            "by_year": self._by_year(forms),
            "by_form": self._by_form(),
            "value_charts": list(self._values(meanings)),
            "causes": self._causes(),
            "attention_count": sum(count for status, count in counts.items() if status != "accepted"),
            "documents": self._documents(),
            **self._series(),
        }  # fmt: skip

    # ---- in and out --------------------------------------------------------------------------------------------------

    def _by_kind(self) -> Any:
        query = "SELECT coalesce(media_type, 'not known'), status, count(*) FROM sources GROUP BY ALL ORDER BY ALL"
        return _safe(
            bar_chart("documents by kind of source and status", _largest(_grouped_rows(self._rows(query)), _MOST_KINDS), _STATUSES)
        )

    def _by_archive(self) -> dict[str, Any]:
        query = "SELECT split_part(archive, '!/', 1), status, count(*) FROM sources WHERE archive IS NOT NULL GROUP BY ALL ORDER BY ALL"
        rows = _grouped_rows(self._rows(query))
        chart = bar_chart("documents by archive and status", _largest(rows, _MOST_ARCHIVES), _STATUSES) if rows else ""
        return {"by_archive": _safe(chart), "archive_count": len(rows), "most_archives": _MOST_ARCHIVES}

    def _failures(self) -> list[dict[str, Any]]:
        query = f"""
            SELECT failure_code, any_value(failure_message), count(*), min(source) FROM sources WHERE status = 'failed'
            GROUP BY failure_code, regexp_replace(failure_message, '[0-9]+', '0', 'g') ORDER BY count(*) DESC, failure_code, min(source) LIMIT {_MOST_FAILURES}
        """
        return [
            {"code": code, "message": visible_text(message), "count": _grouped(count), "example": self._link(source)}
            for code, message, count, source in self._rows(query)
        ]

    def _by_year(self, forms: Sequence[Series]) -> Any:
        query = "SELECT coalesce(year::VARCHAR, '?'), form, count(*) FROM report GROUP BY ALL ORDER BY ALL"
        rows = _grouped_rows(self._rows(query))
        return _safe(column_chart("reports by year and form", list(rows.items())[-_MOST_YEARS:], forms, width=520))

    def _by_form(self) -> Any:
        query = """
            SELECT form, if(doubted + missing > 0 OR status = 'flagged', 'flagged', 'accepted') FROM report JOIN sources USING (source)
        """
        counted = Counter(self._rows(query))
        rows: dict[str, dict[str, float]] = {}
        for (form, status), count in sorted(counted.items()):
            rows.setdefault(form, {})[status] = count
        return _safe(bar_chart("reports by form and status", _largest(rows, _MOST_KINDS), _STATUSES))

    def _values(self, meanings: Sequence[Meaning]) -> Iterable[dict[str, Any]]:
        query = """
            SELECT year::VARCHAR, sum(value), count(*) FROM (
                SELECT DISTINCT ON (sha256, report_number) year, value
                FROM "values" JOIN meanings USING (form, pointer) JOIN sources USING (source)
                WHERE meaning = ? AND value IS NOT NULL AND year IS NOT NULL AND NOT flagged)
            GROUP BY year ORDER BY year
        """
        shown = 0
        for item in meanings:
            rows = list(self._rows(query, item.name))[-_MOST_YEARS:]
            if not any(total for _, total, _ in rows):
                continue
            name = item.name.replace("_", " ")
            columns = [(year, {name: total}) for year, total, _ in rows]
            chart = column_chart(f"{name} by year", columns, [Series(name, "f0-fill")], notes=[str(count) for _, _, count in rows])
            yield {"name": name, "note": item.note, "chart": _safe(chart)}
            shown += 1
            if shown == _MOST_VALUES:
                return

    # ---- what needs a person -----------------------------------------------------------------------------------------

    def _causes(self) -> list[dict[str, Any]]:
        known = finding_catalogue()
        causes = []
        for code, severity, reports, fields in self._rows(_CAUSES):
            kind = known.get(code)
            causes.append(
                {
                    "code": code,
                    "severity": severity,
                    "report_count": _grouped(reports),
                    "field_count": _grouped(fields) if fields else "",
                    "meaning": kind.meaning if kind else "",
                    "look_at": kind.look_at if kind else "",
                }
            )
        return causes

    def _documents(self) -> list[dict[str, Any]]:
        query = f"""
            SELECT source, any_value(weight.status), any_value(weight.doubted), any_value(weight.missing), min(agency), min(year), any_value(sources.failure_code),
                   any_value(failure_message)
            FROM weight JOIN sources USING (source) LEFT JOIN report USING (source)
            GROUP BY source ORDER BY any_value(weight) DESC, source LIMIT {_MOST_DOCUMENTS}
        """
        rows = list(self._rows(query))
        reasons = self._reasons([row[0] for row in rows])
        doubtful = self._first_doubtful([row[0] for row in rows])
        documents = []
        for source, status, doubted, missing, agency, year, code, message in rows:
            link = self._link(source)
            why = reasons.get(source, [])
            if status == "failed":
                why = [{"code": code, "count": 1, "message": visible_text(message), "where": "", "href": None}]
            elif status == "no-report":
                why = [{"code": "no-report", "count": 1, "message": "nothing in it is one of the forms", "where": "", "href": None}, *why]
            documents.append(
                {
                    "path": link.path, "href": link.href, "status": status, "doubted": doubted, "missing": missing, "agency": agency, "year": year,
                    "reasons": why, "command": self._command(source, doubtful.get(source)) if status == "flagged" else "",
                }
            )  # fmt: skip
        return documents

    def _reasons(self, sources: list[str]) -> dict[str, list[dict[str, Any]]]:
        """The findings of these sources, a line a code, errors first."""
        query = """
            SELECT source, code, first.count, first.shown.message, first.shown.place FROM (
                SELECT source, code, severity, {'count': count(*), 'shown': min({'message': message, 'place': place})} AS first
                FROM findings WHERE severity <> 'info' AND source IN (SELECT unnest(?)) GROUP BY source, code, severity)
            ORDER BY source, severity, first.count DESC, code
        """
        reasons: dict[str, list[dict[str, Any]]] = {}
        for source, code, count, message, place in self._rows(query, sources):
            lines = reasons.setdefault(source, [])
            if len(lines) < _MOST_REASONS:
                where, fragment = _where(place)
                href = self._link(source).href if fragment else None
                lines.append(
                    {"code": code, "count": count, "message": visible_text(message), "where": where, "href": href and href + fragment}
                )
        return reasons

    def _first_doubtful(self, sources: list[str]) -> dict[str, str]:
        """A field in doubt of each source that has one, rather one with a value."""
        query = """
            SELECT source, min({'missing': value IS NULL, 'pointer': pointer}).pointer FROM "values"
            WHERE flagged AND source IN (SELECT unnest(?)) GROUP BY source
        """
        return dict(self._rows(query, sources))

    def _series(self) -> dict[str, Any]:
        ((count,),) = self._rows("SELECT count(*) FROM series")
        query = f"""
            SELECT code, agency, year, found, expected, source, other_source, flagged, message FROM series
            ORDER BY code = 'series-ambiguous', flagged, abs(found - expected) DESC NULLS LAST, agency_key, year, rule LIMIT {_MOST_SERIES}
        """
        items = [
            {
                "code": code, "agency": agency or "", "year": year or "", "found": _plain(found), "expected": _plain(expected), "source": self._link(source),
                "other": self._link(other) if other else None, "flagged": flagged, "message": visible_text(message),
            }
            for code, agency, year, found, expected, source, other, flagged, message in self._rows(query)
        ]  # fmt: skip
        return {"series": items, "series_count": count}

    # ---- links -------------------------------------------------------------------------------------------------------

    def _link(self, source: str) -> _Link:
        location = self._locate(source)
        shown = visible_text(source)
        if location is None:  # not known
            return _Link(shown, None)
        file = location.partition("!/")[0] if "!/" in source else location
        return _Link(shown, quote(os.path.relpath(unprinted_path(file), os.fsencode(self._out))))

    def _command(self, source: str, pointer: str | None) -> str:
        """What to type to see where a number in doubt comes from."""
        location = self._locate(source)
        if location is None:
            return ""
        file = shlex.quote(visible_text(location))
        return f"tabularium inspect {file}" if pointer is None else f"tabularium explain {file} {shlex.quote(pointer)}"

    def _rows(self, query: str, *values: Any) -> Any:
        return self._database.ask(query, list(values))


def _where(place: str | None) -> tuple[str, str]:
    """A place in words, and the fragment of a link that leads there, if a browser knows one."""
    if place is None:
        return "", ""
    found: Mapping[str, Any] = load_json(place)
    if "page_number" in found:
        return f"page {found['page_number']}", f"#page={found['page_number']}"
    if "line_number" in found:
        return f"line {found['line_number']}", ""
    if "sheet" in found:
        return f"sheet {found['sheet']}, cell {found['cell']}", ""
    if "table_number" in found:
        return f"table {found['table_number']}, row {found['row']}", ""
    return "", ""


def _grouped_rows(rows: Iterable[tuple[str, str, float]]) -> dict[str, dict[str, float]]:
    grouped: dict[str, dict[str, float]] = {}
    for label, name, count in rows:
        grouped.setdefault(label, {})[name] = count
    return grouped


def _largest(rows: Mapping[str, Mapping[str, float]], most: int) -> list[tuple[str, Mapping[str, float]]]:
    """The rows with the largest sums; the others in one."""
    ordered = sorted(rows.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    if len(ordered) <= most:
        return ordered
    rest: Counter[str] = Counter()
    for _, parts in ordered[most - 1 :]:
        for name, count in parts.items():
            rest[name] += int(count)
    return [*ordered[: most - 1], (f"{len(ordered) - most + 1} others", dict(rest))]


def _safe(svg: str) -> Any:
    """Markup of our own, which is not to be escaped again."""
    return _markup()(svg)  # charts escape what they show


def _grouped(count: int) -> str:
    return f"{count:,}"


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:,g}"
