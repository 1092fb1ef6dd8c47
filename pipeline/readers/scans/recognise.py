"""Crops of text lines -> what they say, with a score for each character and what else it could be. The one module that runs the OCR model.

The model is PP-OCRv6 small of the rapidocr wheel, run by onnxruntime on one thread: work is parallel over documents. rapidocr's own code is
not called: it gives a text and a mean score where the odds of each character are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigError

__all__ = ["HEIGHT", "Character", "Recogniser", "load_recogniser"]

HEIGHT = 48  # pixels a crop must be high
_STEP = 8  # pixels of a crop for each step of the model
_MODEL = ("models", "PP-OCRv6_rec_small.onnx")
_NARROWEST = 96
_BATCH_WIDTH = 3072  # pixels of all crops of a batch: their scores take 30 MB
_ALIKE = 1.2  # widths in a batch
_LEAST_ODDS = 0.001  # of another character to be told


@dataclass(frozen=True, slots=True)
class Character:
    """A character as read: its odds, others for the same place with theirs, and where in the crop it stands (0 left end, 1 right end)."""

    text: str
    odds: float
    others: tuple[tuple[str, float], ...]
    at: float


@lru_cache(maxsize=1)
def load_recogniser() -> Recogniser:
    """The recogniser, loaded once a process: 0.2 s, 120 MB. ConfigError when its model is not in the wheel."""
    return Recogniser()


class Recogniser:
    """Reads crops: grey pictures HEIGHT pixels high, dark on light."""

    def __init__(self) -> None:
        import onnxruntime

        spec = find_spec("rapidocr")  # only its models are used, so it is not imported
        folders = [] if spec is None else list(spec.submodule_search_locations or ())
        paths = [path for path in (Path(folder, *_MODEL) for folder in folders) if path.is_file()]
        if not paths:
            raise ConfigError("the OCR model is not there; install the extra: pip install 'tabularium[ocr]'")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(str(paths[0]), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        names = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._names = ["", *names, " "]

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[tuple[Character, ...]]:
        """What each crop says, in the order given. Crops of like widths go together."""
        result: list[tuple[Character, ...]] = [()] * len(crops)
        order = sorted(range(len(crops)), key=lambda index: crops[index].shape[1])
        start = 0
        while start < len(order):
            narrowest = max(_NARROWEST, crops[order[start]].shape[1])
            end = start + 1
            while end < len(order):
                width = max(_NARROWEST, crops[order[end]].shape[1])
                if width > _ALIKE * narrowest or width * (end + 1 - start) > _BATCH_WIDTH:
                    break
                end += 1
            batch = [crops[index] for index in order[start:end]]
            for index, characters in zip(order[start:end], self._read_batch(batch), strict=True):
                result[index] = characters
            start = end
        return result

    def _read_batch(self, crops: Sequence[NDArray[np.uint8]]) -> list[tuple[Character, ...]]:
        width = -(-max(_NARROWEST, max(crop.shape[1] for crop in crops)) // _STEP) * _STEP
        data = np.zeros((len(crops), 3, HEIGHT, width), np.float32)  # beyond a crop the model wants the middle of its range
        for index, crop in enumerate(crops):
            data[index, :, :, : crop.shape[1]] = crop.astype(np.float32)[None] / 127.5 - 1.0
        odds = self._session.run(None, {self._input: data})[0]
        return [self._decode(odds[index], crop.shape[1]) for index, crop in enumerate(crops)]

    def _decode(self, odds: NDArray[np.float32], width: int) -> tuple[Character, ...]:
        best = odds.argmax(axis=1)
        found = []
        start = 0
        steps = len(best)
        while start < steps:
            end = start + 1
            while end < steps and best[end] == best[start]:
                end += 1
            if best[start] != 0:
                peak = start + int(odds[start:end, best[start]].argmax())
                top = float(odds[peak, best[start]])
                others: tuple[tuple[str, float], ...] = ()
                if top < 1 - _LEAST_ODDS:
                    row = odds[peak]
                    near = np.argpartition(row, -6)[-6:]
                    ranked = sorted(((self._names[i], float(row[i])) for i in near if i != best[start]), key=lambda item: -item[1])
                    others = tuple(item for item in ranked if item[1] >= _LEAST_ODDS)
                found.append(Character(self._names[best[start]], top, others, min(1.0, ((start + end) / 2) * _STEP / width)))
            start = end
        return tuple(found)
