"""Pages out of a PDF through pdfium. The one module that knows pypdfium2; page boxes and rotation are dealt with here and nowhere else."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, pairwise

import pypdfium2
import pypdfium2.raw as raw

from pipeline.errors import DamagedSourceError, EncryptedSourceError, LimitExceededError
from pipeline.model.limits import Limits
from pipeline.readers.pdf.page import Box, Fill, Letters, Page, Rule, Turn
from pipeline.readers.pdf.words import is_cjk

__all__ = ["DrawnPage", "PdfFile", "load_pages", "open_pdf", "raise_low_marks"]

_THIN = 3.2  # points: a filled shape no thicker is a rule
_THICKEST = 6.0  # points: a stroke no thicker is a rule; thicker ones are the bars of a chart
_STRAIGHT = 0.6  # points a line may leave its axis
_MAX_FORM_DEPTH = 12  # forms drawn inside forms
_ANGLE_SAMPLES = 48
_PALE = 250  # of 255: a filled area as light as that is paper
_ROUNDED = 18  # points of a rectangle with round corners, at most
_INK_SAMPLES = 5  # letters of one height of which the ink is asked for
_TOO_TALL = 2.6  # times the height of a capital letter: a usual font's boxes are half of that
_USUAL_ROOM = 0.3  # of that height above and below
_LOW = 0.5  # of the height of the letter beside it: a mark whose box is lower has its ink alone for a box
_HANGS = 0.25  # of that height: commas go below the line
_DRAWN_DPI = 200.0  # of a page drawn for its letters
_LEAST_DPI, _MOST_DPI = 72.0, 300.0
_MOST_IMAGES = 2_000
_MANY_POINTS = 400  # a drawn path of more points is a picture


@dataclass(slots=True)
class _Drawing:
    """What has been collected of a page's drawing, in the PDF's own coordinates."""

    lying: list[Rule] = field(default_factory=list)  # `at` is y, up
    standing: list[Rule] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)  # left, bottom, right, top
    images: list[Box] = field(default_factory=list)
    strokes: list[Box] = field(default_factory=list)
    shown_texts: int = 0
    hidden_texts: int = 0
    budget: int = 0  # objects and points that may still be looked at
    is_over: bool = False


Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as pixels: rows of `stride` bytes from the top, `channels` bytes a pixel (1: grey, 3: RGB), `dpi` pixels to the inch."""

    data: bytes
    width: int
    height: int
    stride: int
    channels: int
    dpi: float

    def to_pnm(self) -> bytes:
        """The same as a picture file (PGM or PPM)."""
        kind, taken = (b"P5", 1) if self.channels == 1 else (b"P6", 3)
        view = memoryview(self.data)
        if self.channels == taken:
            rows = [bytes(view[start : start + self.width * taken]) for start in range(0, self.stride * self.height, self.stride)]
        else:
            rows = [
                _without_fourth(view[start : start + self.width * self.channels])
                for start in range(0, self.stride * self.height, self.stride)
            ]
        return b"%s %d %d 255\n" % (kind, self.width, self.height) + b"".join(rows)


class PdfFile:
    """An open PDF. Pages are read one at a time and closed at once, so that memory does not grow with their number."""

    def __init__(self, document: pypdfium2.PdfDocument, limits: Limits) -> None:
        self._document = document
        self._limits = limits
        self.page_count = len(document)
        self.lost_pages: list[int] = []  # of those that `pages` gave: what cannot be loaded

    @property
    def title(self) -> str | None:
        """The title in the file's own description, which is often that of another document: evidence only."""
        return self._document.get_metadata_value("Title") or None

    def height_of(self, page_number: int) -> float:
        """The height of a page (from 1) as displayed."""
        return float(self._document.get_page_size(page_number - 1)[1])

    def is_turned(self, page_number: int) -> bool:
        """Whether a page (from 1) is displayed turned."""
        page = raw.FPDF_LoadPage(self._document.raw, page_number - 1)
        if not page:
            return False
        try:
            return bool(raw.FPDFPage_GetRotation(page) % 4)
        finally:
            raw.FPDF_ClosePage(page)

    def render(self, page_number: int, box: Box | None = None) -> DrawnPage | None:
        """A page (from 1), or a box of it, drawn as displayed: at the resolution of the page's largest image, else at 200 dpi. None when the page
        would take too many pixels.
        """
        page = self._document[page_number - 1]
        try:
            dpi = _image_dpi(page.raw)
            width, height = page.get_size()
            if width * height * (dpi / 72) ** 2 > self._limits.max_pixels:
                return None
            x0, top, x1, bottom = box or (0.0, 0.0, width, height)
            crop = (x0, height - bottom, width - x1, top)
            bitmap = page.render(scale=dpi / 72, crop=crop, rev_byteorder=True, prefer_bgrx=False)
            try:
                return DrawnPage(
                    bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels, bitmap.width * 72 / (x1 - x0)
                )
            finally:
                bitmap.close()
        finally:
            page.close()

    def pages(self) -> Iterator[Page]:
        """The pages in order, `limits.max_pages` at most. A page that cannot be loaded is given without anything on it."""
        for index in range(min(self.page_count, self._limits.max_pages)):
            yield self._read_page(index)

    def _read_page(self, index: int) -> Page:
        page = raw.FPDF_LoadPage(self._document.raw, index)
        if not page:
            self.lost_pages.append(index + 1)
            return Page(index + 1, 0.0, 0.0, Turn(0, 0.0, 0.0), Letters())
        try:
            text = raw.FPDFText_LoadPage(page)
            try:
                return self._page_of(index + 1, page, text)
            finally:
                if text:
                    raw.FPDFText_ClosePage(text)
        finally:
            raw.FPDF_ClosePage(page)

    def _page_of(self, number: int, page: object, text: object) -> Page:
        bounds = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, ctypes.byref(bounds))
        declared = raw.FPDFPage_GetRotation(page) % 4
        count = max(0, raw.FPDFText_CountChars(text)) if text else 0
        if count > self._limits.max_page_objects:
            raise LimitExceededError(f"page {number} has {count} characters, more than max_page_objects = {self._limits.max_page_objects}")
        upright = _main_direction(text, count) if count else declared
        to_page = _turned(upright, bounds)
        shown_width, shown_height = _size(declared, bounds)
        width, height = _size(upright, bounds)
        letters, unmapped = _read_letters(text, count, to_page)
        drawing = _Drawing(budget=self._limits.max_page_objects)
        _read_drawing(page, drawing)
        lying, standing = ([], []) if drawing.is_over else _turn_rules(drawing, upright, to_page)
        return Page(
            number,
            width,
            height,
            Turn((declared - upright) % 4, shown_width, shown_height),
            letters,
            tuple(lying),
            tuple(standing),
            () if drawing.is_over else tuple(Fill(_turn_box(fill.box, to_page), fill.colour) for fill in drawing.fills),
            tuple(_turn_box(box, to_page) for box in drawing.images),
            tuple(_turn_box(box, to_page) for box in drawing.strokes),
            unmapped,
            drawing.is_over,
            drawing.hidden_texts > drawing.shown_texts,
        )


def _without_fourth(row: memoryview) -> bytes:
    """A row of pixels of four bytes without the last of each."""
    taken = bytearray(len(row) // 4 * 3)
    for channel in range(3):
        taken[channel::3] = row[channel::4]
    return bytes(taken)


def _image_dpi(page: object) -> float:
    """How many pixels of the page's largest image go to the inch, within what can be read and is worth its time."""
    most, dpi = 0.0, _DRAWN_DPI
    for index in range(min(raw.FPDFPage_CountObjects(page), _MOST_IMAGES)):
        item = raw.FPDFPage_GetObject(page, index)
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        box = _bounds(item)
        across, down = ctypes.c_uint(), ctypes.c_uint()
        if box is None or not raw.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(across), ctypes.byref(down)):
            continue
        width, height = box[2] - box[0], box[3] - box[1]
        if width > 1 and height > 1 and width * height > most:
            most = width * height
            dpi = math.sqrt(across.value * down.value / most) * 72
    return min(max(dpi, _LEAST_DPI), _MOST_DPI)


@contextmanager
def open_pdf(data: bytes, limits: Limits) -> Iterator[PdfFile]:
    """Open a PDF. EncryptedSourceError when it asks for a password, DamagedSourceError when pdfium cannot find its pages."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise EncryptedSourceError("the PDF asks for a password; store a copy without one") from error
        if getattr(error, "err_code", None) == raw.FPDF_ERR_SECURITY or "security" in str(error).lower():
            raise EncryptedSourceError("the PDF is protected by a scheme that cannot be read; store an unprotected copy") from error
        raise DamagedSourceError("the PDF cannot be opened: it is damaged or cut short; fetch it again") from error
    try:
        if len(document) == 0:
            raise DamagedSourceError("the PDF has no pages; fetch it again")
        yield PdfFile(document, limits)
    finally:
        document.close()


def load_pages(data: bytes, most: int) -> None:
    """Load the first pages of a PDF with their texts, one by one, and look at none: to see whether that ends. A PDF that cannot be opened is none."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return
    for index in range(min(len(document), most)):
        page = raw.FPDF_LoadPage(document.raw, index)
        if page:
            text = raw.FPDFText_LoadPage(page)
            if text:
                raw.FPDFText_ClosePage(text)
            raw.FPDF_ClosePage(page)
    document.close()


# ---- directions ------------------------------------------------------------------------------------------------------

Turning = Callable[[float, float], tuple[float, float]]


def _turned(quarters: int, bounds: raw.FS_RECTF) -> Turning:
    """From the PDF's coordinates to points from the top left after so many clockwise quarter turns."""
    left, bottom, right, top = bounds.left, bounds.bottom, bounds.right, bounds.top
    if quarters == 1:
        return lambda x, y: (y - bottom, x - left)
    if quarters == 2:
        return lambda x, y: (right - x, y - bottom)
    if quarters == 3:
        return lambda x, y: (top - y, right - x)
    return lambda x, y: (x - left, top - y)


def _size(quarters: int, bounds: raw.FS_RECTF) -> tuple[float, float]:
    width, height = bounds.right - bounds.left, bounds.top - bounds.bottom
    return (height, width) if quarters % 2 else (width, height)


def _main_direction(text: object, count: int) -> int:
    """How many clockwise quarter turns bring most of the page's letters upright."""
    votes = [0, 0, 0, 0]
    for index in range(0, count, max(1, count // _ANGLE_SAMPLES)):
        angle = raw.FPDFText_GetCharAngle(text, index)
        if angle >= 0 and raw.FPDFText_IsGenerated(text, index) != 1:
            is_reversed = raw.FPDFText_GetFontSize(text, index) < 0  # of which the angle knows nothing
            votes[(round(angle / (math.pi / 2)) + 2 * is_reversed) % 4] += 1
    # Angles of pdfium grow clockwise: text that runs up the page has 3/2 pi.
    turn = max(range(4), key=lambda quarter: (votes[quarter], -quarter))
    return (4 - turn) % 4


def _turn_box(box: Box, to_page: Turning) -> Box:
    ax, ay = to_page(box[0], box[1])
    bx, by = to_page(box[2], box[3])
    return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _turn_rules(drawing: _Drawing, quarters: int, to_page: Turning) -> tuple[list[Rule], list[Rule]]:
    lying: list[Rule] = []
    standing: list[Rule] = []
    for rule in drawing.lying:
        (ax, ay), (bx, by) = to_page(rule.start, rule.at), to_page(rule.end, rule.at)
        if quarters % 2:
            standing.append(Rule(ax, min(ay, by), max(ay, by), rule.thickness))
        else:
            lying.append(Rule(ay, min(ax, bx), max(ax, bx), rule.thickness))
    for rule in drawing.standing:
        (ax, ay), (bx, by) = to_page(rule.at, rule.start), to_page(rule.at, rule.end)
        if quarters % 2:
            lying.append(Rule(ay, min(ax, bx), max(ax, bx), rule.thickness))
        else:
            standing.append(Rule(ax, min(ay, by), max(ay, by), rule.thickness))
    return lying, standing


# ---- letters ---------------------------------------------------------------------------------------------------------


def _read_letters(text: object, count: int, to_page: Turning) -> tuple[Letters, int]:
    """All characters with their loose boxes (advance width by the font's height), and how many the font does not name."""
    texts: list[str] = []
    xs0: list[float] = []
    tops: list[float] = []
    xs1: list[float] = []
    bottoms: list[float] = []
    breaks: list[bool] = []
    made_up: list[bool] = []
    numbers: list[int] = []  # of the characters, as pdfium counts them
    unmapped = 0
    rect = raw.FS_RECTF()
    pointer = ctypes.byref(rect)
    get_box = raw.FPDFText_GetLooseCharBox
    is_broken = is_made_up = False
    codes = _codes(text, count)
    names_all = not _lacks_names(text, codes)
    for index, code in enumerate(codes):
        if code <= 32 or code == 160 or code == 0x3000 or 0x2000 <= code <= 0x200D or code == 0xFEFF:
            if code == 2:  # pdfium's mark of a hyphen at a line's end
                code = 45
            elif 0x200B <= code <= 0x200D or code == 0xFEFF:
                continue
            elif code in (13, 10, 0):
                is_broken, is_made_up = True, is_made_up and is_broken
                continue
            elif code == 32 and raw.FPDFText_IsGenerated(text, index) == 1:
                is_made_up = is_made_up or not is_broken
                is_broken = True
                continue
            elif code < 32 and code != 9:
                code = 0xFFFD
            else:
                is_broken, is_made_up = True, False
                continue
        if code == 0xFFFE and raw.FPDFText_IsHyphen(text, index) == 1:
            code = 45
        elif code == 0xFFFD or code == 0xFFFE or (not names_all and raw.FPDFText_HasUnicodeMapError(text, index) == 1):
            code = 0xFFFD
            unmapped += 1
        if not get_box(text, index, pointer):
            continue
        ax, ay = to_page(rect.left, rect.top)
        bx, by = to_page(rect.right, rect.bottom)
        if code in _BULLETS or 0xF000 <= code <= 0xF0FF:
            ay, by = _bullet_extent(text, index, to_page, ay, by)
        if ax > bx:
            ax, bx = bx, ax
        if ay > by:
            ay, by = by, ay
        texts.append(chr(code))
        xs0.append(ax)
        tops.append(ay)
        xs1.append(bx)
        bottoms.append(by)
        breaks.append(is_broken)
        made_up.append(is_made_up)
        numbers.append(index)
        is_broken = is_made_up = False
    for height, alike in _by_height(tops, bottoms).items():
        inked = (
            _ink(text, numbers[i], to_page, tops[i], bottoms[i])
            for i in alike
            if texts[i].isupper() or texts[i].isdigit() or is_cjk(texts[i])
        )
        over, under = _room_around([room for room in islice(inked, _INK_SAMPLES) if room is not None], height)
        if over or under:
            for i in alike:
                tops[i], bottoms[i] = tops[i] + over, bottoms[i] - under
    raise_low_marks(texts, xs0, tops, xs1, bottoms)
    letters = Letters(tuple(texts), tuple(xs0), tuple(tops), tuple(xs1), tuple(bottoms), tuple(breaks), tuple(made_up))
    return letters, unmapped


def _lacks_names(text: object, codes: list[int]) -> bool:
    """Whether some font on the page does not say which characters it prints: asked for the first letter of each word, fonts seldom change within."""
    starts_word = True
    for index, code in enumerate(codes):
        if code <= 32:
            starts_word = True
        elif starts_word:
            starts_word = False
            if raw.FPDFText_HasUnicodeMapError(text, index) == 1:
                return True
    return False


_LOW_MARKS = frozenset(".,-\u2010\u2011\u2012\u2013\u2014_\u2026\u00b7'\u2019")


def raise_low_marks(texts: Sequence[str], xs0: Sequence[float], tops: list[float], xs1: Sequence[float], bottoms: list[float]) -> None:
    """Give points and dashes the height of the letter beside them: some fonts let pdfium tell no more than their ink, and such a mark would
    part a number, or stand on a line of its own."""
    low = [index for index, text in enumerate(texts) if text in _LOW_MARKS]
    for beside, order in ((-1, low), (1, reversed(low))):
        for index in order:
            other = index + beside
            if not 0 <= other < len(texts):
                continue
            height = bottoms[other] - tops[other]
            middle = (tops[index] + bottoms[index]) / 2
            gap = xs0[index] - xs1[other] if beside < 0 else xs0[other] - xs1[index]
            is_low = bottoms[index] - tops[index] < _LOW * height and tops[other] <= middle <= bottoms[other] + _HANGS * height
            if is_low and -height < gap < height:
                tops[index], bottoms[index] = tops[other], bottoms[other]


def _by_height(tops: Sequence[float], bottoms: Sequence[float]) -> dict[float, list[int]]:
    """The letters by the height of their boxes, which is one for all letters of a font and a size."""
    by_height: dict[float, list[int]] = {}
    for index, (top, bottom) in enumerate(zip(tops, bottoms, strict=True)):
        by_height.setdefault(round(bottom - top, 1), []).append(index)
    return by_height


def _room_around(rooms: Sequence[tuple[float, float]], height: float) -> tuple[float, float]:
    """What to take off above and below of boxes of a font that says it is far taller than its letters, (0, 0) for any other.

    `rooms`: above and below the ink of some capital letters, digits or Han characters. Fonts with signs of mathematics are five times as tall as
    their letters, so that the boxes of a line reach over its neighbours.
    """
    if not rooms:
        return 0.0, 0.0
    over, under = min(room[0] for room in rooms), min(room[1] for room in rooms)
    ink = height - over - under
    if ink <= 0 or height < _TOO_TALL * ink:
        return 0.0, 0.0
    return max(0.0, over - _USUAL_ROOM * ink), max(0.0, under - _USUAL_ROOM * ink)


def _ink(text: object, index: int, to_page: Turning, top: float, bottom: float) -> tuple[float, float] | None:
    """The room above and below a letter's ink in its box."""
    left, right, low, high = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text, index, *map(ctypes.byref, (left, right, low, high))):
        return None
    _, ay = to_page(left.value, high.value)
    _, by = to_page(right.value, low.value)
    return min(ay, by) - top, bottom - max(ay, by)


_BULLETS = frozenset(map(ord, "•·●○■□▪▫◆◇►▶"))


def _bullet_extent(text: object, index: int, to_page: Turning, top: float, bottom: float) -> tuple[float, float]:
    """The height of a bullet around its ink: the fonts they are taken from stand higher or lower than the text beside them."""
    room = _ink(text, index, to_page, min(top, bottom), max(top, bottom))
    if room is None:
        return top, bottom
    middle = (top + bottom + room[0] - room[1]) / 2
    half = 0.3 * abs(bottom - top)
    return middle - half, middle + half


def _codes(text: object, count: int) -> list[int]:
    """The code point of each character: in one call where that is the same, else one by one."""
    if not count:
        return []
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(text, 0, count, buffer)
    codes = list(buffer[: max(0, written - 1)])
    if len(codes) == count and not any(0xD800 <= code < 0xE000 for code in codes):
        return codes
    get = raw.FPDFText_GetUnicode
    return [min(get(text, index), 0x10FFFF) for index in range(count)]


# ---- drawing ---------------------------------------------------------------------------------------------------------


def _read_drawing(page: object, drawing: _Drawing) -> None:
    """Walk the page's objects, forms inside forms too, and keep rules, filled rectangles and images."""
    stack: list[tuple[Callable[[int], object], int, Matrix, int]] = [
        (lambda index: raw.FPDFPage_GetObject(page, index), raw.FPDFPage_CountObjects(page), _IDENTITY, 0)
    ]
    while stack:
        get, count, matrix, depth = stack.pop()
        for index in range(count):
            drawing.budget -= 1
            if drawing.budget < 0:
                drawing.is_over = True
                return
            item = get(index)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                _read_path(item, matrix, drawing)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = _bounds(item)
                if box is not None:
                    drawing.images.append(_map_box(matrix, box))
            elif kind == raw.FPDF_PAGEOBJ_TEXT:
                if raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                    drawing.hidden_texts += 1
                else:
                    drawing.shown_texts += 1
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_FORM_DEPTH:
                stack.append((_child_getter(item), max(0, raw.FPDFFormObj_CountObjects(item)), _matrix_of(item, matrix), depth + 1))


def _child_getter(form: object) -> Callable[[int], object]:
    return lambda index: raw.FPDFFormObj_GetObject(form, index)


_left, _bottom, _right, _top = (ctypes.c_float() for _ in range(4))
_BOUNDS = tuple(map(ctypes.byref, (_left, _bottom, _right, _top)))
_fill_mode, _stroke = ctypes.c_int(), ctypes.c_int()
_MODES = (ctypes.byref(_fill_mode), ctypes.byref(_stroke))
_x, _y = ctypes.c_float(), ctypes.c_float()
_POINT = (ctypes.byref(_x), ctypes.byref(_y))


def _bounds(item: object) -> Box | None:
    if not raw.FPDFPageObj_GetBounds(item, *_BOUNDS):
        return None
    return (_left.value, _bottom.value, _right.value, _top.value)


def _read_path(item: object, outer: Matrix, drawing: _Drawing) -> None:
    raw.FPDFPath_GetDrawMode(item, *_MODES)
    is_filled, is_stroked = _fill_mode.value != 0, _stroke.value != 0
    if not is_filled and not is_stroked:
        return
    count = raw.FPDFPath_CountSegments(item)
    if count < 2:
        return
    half = _half_stroke(item, outer) if is_stroked else 0.0
    if count <= 5:
        box = _bounds(item)
        if box is None:
            return
        box = _narrowed(_map_box(outer, box), half)
        width, height = box[2] - box[0], box[3] - box[1]
        if half <= _THICKEST / 2 and min(width, height) - 2 * half <= _THIN:
            _add_thin(box, drawing)
            return
        if count == 2:
            drawing.strokes.append(box)
            return
    elif count > _MANY_POINTS and not is_filled:
        drawing.budget -= count // 4
        box = _bounds(item)
        if box is not None:
            drawing.strokes.append(_map_box(outer, box))
        return
    drawing.budget -= count
    if drawing.budget < 0:
        drawing.is_over = True
        return
    matrix = _matrix_of(item, outer)
    colour = _fill_colour(item) if is_filled else None
    for points, is_curved in _subpaths(item, count, matrix):
        _read_subpath(points, is_curved, colour, is_stroked, half, drawing)


def _subpaths(item: object, count: int, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """The corner points of each part of a path, closed parts back at their start, and whether a curve is among them."""
    a, b, c, d, e, f = matrix
    points: list[tuple[float, float]] = []
    is_curved = False
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, *_POINT)
        x, y = _x.value, _y.value
        if kind == raw.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points, is_curved
            points, is_curved = [], False
        elif kind == raw.FPDF_SEGMENT_BEZIERTO:
            is_curved = True
        points.append((a * x + c * y + e, b * x + d * y + f))
        if raw.FPDFPathSegment_GetClose(segment) and points[0] != points[-1]:
            points.append(points[0])
    if len(points) > 1:
        yield points, is_curved


def _read_subpath(
    points: list[tuple[float, float]], is_curved: bool, colour: int | None, is_stroked: bool, half: float, drawing: _Drawing
) -> None:
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    bottom, top = min(p[1] for p in points), max(p[1] for p in points)
    if half > _THICKEST / 2:
        drawing.strokes.append((left - half, bottom - half, right + half, top + half))
        return
    if right - left <= _THIN or top - bottom <= _THIN:
        if colour is not None or is_stroked:
            _add_thin((left - half, bottom - half, right + half, top + half), drawing)
        return
    slants = sum(_is_slanting(a, b) for a, b in pairwise(points))
    if slants > 2 or (is_curved and len(points) > _ROUNDED):
        drawing.strokes.append((left, bottom, right, top))
        return
    if is_curved:
        return
    if colour is not None and _is_rectangle(points):
        drawing.fills.append(Fill((left, bottom, right, top), colour))
    if is_stroked:
        for (ax, ay), (bx, by) in pairwise(points):
            if abs(ay - by) <= _STRAIGHT and abs(ax - bx) > _STRAIGHT:
                drawing.lying.append(Rule((ay + by) / 2, min(ax, bx), max(ax, bx), 2 * half))
            elif abs(ax - bx) <= _STRAIGHT and abs(ay - by) > _STRAIGHT:
                drawing.standing.append(Rule((ax + bx) / 2, min(ay, by), max(ay, by), 2 * half))


def _is_slanting(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) > 2.0 and abs(a[1] - b[1]) > 2.0


def _is_rectangle(points: list[tuple[float, float]]) -> bool:
    if not 4 <= len(points) <= 6:
        return False
    return all(abs(ax - bx) <= _STRAIGHT or abs(ay - by) <= _STRAIGHT for (ax, ay), (bx, by) in pairwise(points))


def _add_thin(box: Box, drawing: _Drawing) -> None:
    """A thin shape is a rule along its longer side; a dot is none."""
    left, bottom, right, top = box
    width, height = right - left, top - bottom
    if width >= height:
        if width > 1.0:
            drawing.lying.append(Rule((bottom + top) / 2, left, right, height))
    elif height > 1.0:
        drawing.standing.append(Rule((left + right) / 2, bottom, top, width))


def _matrix_of(item: object, outer: Matrix) -> Matrix:
    """What brings the points of an object to the page, through the forms it is drawn in."""
    inner = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, ctypes.byref(inner))
    return _multiply((inner.a, inner.b, inner.c, inner.d, inner.e, inner.f), outer)


def _half_stroke(item: object, outer: Matrix) -> float:
    """Half the width of a path's stroke, in points."""
    width = ctypes.c_float()
    if not raw.FPDFPageObj_GetStrokeWidth(item, ctypes.byref(width)):
        return 0.0
    a, b, c, d, _, _ = _matrix_of(item, outer)
    return width.value / 2 * math.sqrt(abs(a * d - b * c))


def _narrowed(box: Box, half: float) -> Box:
    """What a stroke covers; the bounds that pdfium tells of it are wider by half its width on each side."""
    left, bottom, right, top = box
    across, along = min(half, (right - left) / 4), min(half, (top - bottom) / 4)
    return (left + across, bottom + along, right - across, top - along)


def _fill_colour(item: object) -> int | None:
    """The colour of a filled path as one number; None for what looks like paper."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(item, *map(ctypes.byref, (red, green, blue, alpha))):
        return 0
    if alpha.value == 0 or min(red.value, green.value, blue.value) >= _PALE:
        return None
    return red.value << 16 | green.value << 8 | blue.value


def _multiply(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _map_box(matrix: Matrix, box: Box) -> Box:
    if matrix is _IDENTITY:
        return box
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (box[0], box[2]) for y in (box[1], box[3])]
    ys = [b * x + d * y + f for x in (box[0], box[2]) for y in (box[1], box[3])]
    return (min(xs), min(ys), max(xs), max(ys))
