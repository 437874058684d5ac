"""Fixtures of the hosts' tests: a page of the ordinary browser, which goes after the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..notebook import new_page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with camera and microphone, in a context of its own."""
    page = new_page(browser)
    yield page
    page.context.close()
