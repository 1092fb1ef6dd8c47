"""What a page does not show, strikes out, or shows as another thing than the text around it: told by the elements' names and attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["is_apart", "is_hiding", "is_striking", "is_unseen", "may_hide"]

_HIDING = re.compile(r"(?<![\w-])display\s*:\s*none(?![\w-])", re.IGNORECASE)
_UNSEEN = re.compile(
    r"(?<![\w-])(?:visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|r?em|%)?\s*(?:;|!|$)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4,}px|mso-hide\s*:\s*all)",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"(?<![\w-])text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_STRIKING = ("del", "s", "strike")
_HIDING_WORDS = ("hidden", "none", "mso-hide", "opacity", "-through")
_MAY_HIDE = re.compile(r"font-size\s*:\s*0|:\s*-\d{4}")
_PARTING = re.compile(
    r"(?<![\w-])(?:position|clip|clip-path|overflow)\s*:|(?<![\w-])(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|!|$)"
    r"|(?<![\w-])color\s*:\s*(?:#fff(?:fff)?(?![0-9a-f])|white)",
    re.IGNORECASE,
)
_PARTING_CLASS = re.compile(r"(?:^|[\s_-])(?:hide|hidden|none|invisible|only|noshow|noprint)(?:$|[\s_-])", re.IGNORECASE)
_WHITE = ("white", "#fff", "#ffffff")
_PARTED = ("a", "button", "label", "object", "svg", "ruby")
_TEXT_PREFIXES = ("o:", "st1:")  # of Word's own elements that are text; others, as v:textbox, are drawings


def may_hide(text: str) -> bool:
    """Whether the source of a page has any word that the functions here look for in attributes, `is_apart` aside."""
    lower = text.lower()
    return any(word in lower for word in _HIDING_WORDS) or _MAY_HIDE.search(lower) is not None


def is_hiding(attributes: Mapping[str, str]) -> bool:
    """Whether an element and all in it is taken out of the page."""
    if "hidden" in attributes:
        return True
    if "style" not in attributes:
        return False
    style = attributes["style"]
    return ("one" in style or "ONE" in style) and _HIDING.search(style) is not None


def is_unseen(attributes: Mapping[str, str]) -> bool:
    """Whether an inline element cannot be seen: it has no size, no opacity, or stands far outside. Around blocks such styles are set off again within."""
    return _UNSEEN.search(attributes.get("style", "")) is not None


def is_striking(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element strikes its text out."""
    return tag in _STRIKING or (bool(attributes) and _STRUCK.search(attributes.get("style", "")) is not None)


def is_apart(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an inline element is another thing than the text around it, or may be one that is not seen."""
    if tag in _PARTED or (":" in tag and not tag.startswith(_TEXT_PREFIXES)):
        return True
    if not attributes:
        return False
    style = attributes.get("style", "")
    return (
        (bool(style) and _PARTING.search(style) is not None)
        or attributes.get("color", "").strip().lower() in _WHITE
        or _PARTING_CLASS.search(attributes.get("class", "")) is not None
    )
