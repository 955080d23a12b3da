"""What the mock needs that the package alone does not: the extra `mock`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def needed() -> Generator[None]:
    """Say how to install what an import inside the block does not find."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{error}; the mock needs: pip install 'samsara-qualifications[mock]'", name=error.name
        ) from None
