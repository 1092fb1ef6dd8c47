"""Send documents to `tabularium serve`: `python client.py http://127.0.0.1:8410 FILE...`. Only the standard library is needed."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any


def extract(service: str, file: Path, attempts: int = 10) -> dict[str, Any]:
    """The result of a document. A service that has too much to do says when to come again (429, 503)."""
    address = f"{service}/v1/extract?{urllib.parse.urlencode({'name': file.name})}"
    for attempt in range(1, attempts + 1):
        request = urllib.request.Request(address, data=file.read_bytes(), headers={"Content-Type": "application/octet-stream"})
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                result: dict[str, Any] = json.load(response)
                return result
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503) or attempt == attempts:
                raise
            time.sleep(float(error.headers.get("Retry-After", 2)))
    raise AssertionError


if __name__ == "__main__":
    for name in sys.argv[2:]:
        found = extract(sys.argv[1], Path(name))
        print(f"{name}: {found['status']}, {len(found['tables'])} tables")
