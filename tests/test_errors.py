"""What libraries say when there is no memory for them."""

from __future__ import annotations

import errno

import pytest

from pipeline.errors import is_out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError(
            "OpenCV(5.0.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 192000000 bytes in function 'OutOfMemoryError'"
        ),
        RuntimeError("bfc_arena.cc:360 AllocateRawInternal Failed to allocate memory for requested buffer of size 327680000"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_too_little_memory_is_recognised_whatever_a_library_raises(error: Exception) -> None:
    assert is_out_of_memory(error)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), ValueError("memory of row 3"), KeyError("allocate")])
def test_another_error_is_none_of_memory(error: Exception) -> None:
    assert not is_out_of_memory(error)
