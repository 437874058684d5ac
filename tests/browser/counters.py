"""Takes the counters out of pages that are about to go, where ``make coverage`` wants them."""

from __future__ import annotations

import contextlib
import functools
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

__all__ = ["collecting"]

# without the maps of what is counted, which are the same everywhere and long
_COUNTERS = """() => Object.fromEntries(
  Object.entries(globalThis.__coverage__ ?? {}).map(([file, { s, f, b }]) => [file, { s, f, b }])
)"""


@contextlib.contextmanager
def collecting(folder: Path) -> Iterator[None]:
    """Write what every page has counted into this folder, whichever test lets it go, and how."""
    with pytest.MonkeyPatch.context() as patch:

        def before(owner: type, method: str, pages: Callable[[Any], Sequence[Page]]) -> None:
            original = getattr(owner, method)

            @functools.wraps(original)
            def collected(self: Any, *args: Any, **kwargs: Any) -> Any:
                for page in pages(self):
                    _collect(page, folder)
                return original(self, *args, **kwargs)

            patch.setattr(owner, method, collected)

        for method in ("goto", "reload", "close"):
            before(Page, method, lambda page: [page])
        before(BrowserContext, "close", lambda context: context.pages)
        before(Browser, "close", _pages)
        yield


def _pages(browser: Browser) -> list[Page]:
    return [page for context in browser.contexts for page in context.pages]


def _collect(page: Page, folder: Path) -> None:
    for frame in page.frames:
        with contextlib.suppress(Error):  # the page has crashed or is gone already
            if counters := frame.evaluate(_COUNTERS):
                (folder / f"{uuid.uuid4()}.json").write_text(json.dumps(counters))
