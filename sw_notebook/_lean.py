"""A widget that opens its line to the page with what the page cannot know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import anywidget
import traitlets

__all__ = ["LeanWidget"]

_OF_THE_HOST: Final = frozenset(anywidget.AnyWidget.class_traits(sync=True))


class LeanWidget(anywidget.AnyWidget):
    """An anywidget that is small on the line, however many traits it has.

    Ten widgets in a cell are ten messages that open a comm, and ipywidgets makes ten more for
    their layouts.  Here a trait that still has its default is not sent at first, for the page
    has a table of them (``DEFAULTS`` in ``js/src/protocol.ts``; a test compares the two); and
    the layout is made when somebody first asks for it, as ``call.layout.width = "50%"`` does
    (``js/src/views/layout.ts`` gives it to the views that are there by then).
    """

    def get_state(
        self, key: str | Iterable[str] | None = None, drop_defaults: bool = False
    ) -> dict[str, Any]:
        """Return the state; all of it lacks a layout that nobody has asked for."""
        if key is None:
            key = [name for name in self.keys if self._is_worth_sending(name)]
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return state

    def _is_worth_sending(self, name: str) -> bool:
        if name == "layout":
            made: bool = self.trait_has_value(name)
            return made
        if name in _OF_THE_HOST or name.startswith("_"):
            return True
        if self.comm is not None:  # a page that is there may hold another value
            return True
        return bool(getattr(self, name) != self.traits()[name].default())

    @traitlets.observe("layout", type="default")
    def _layout_was_made(self, _change: dict[str, Any]) -> None:
        self.send_state(["layout"])
