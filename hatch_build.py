"""Puts the built page and the notebooks into the wheel, building the page where it is stale."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# a build back end does not put the project on the path
sys.path.insert(0, str(Path(__file__).parent))

from tools import bundle, node

__all__ = ["BundleHook"]


class BundleHook(BuildHookInterface[Any]):
    """Runs the build of ``js/`` before hatchling collects files."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node.js where it is needed and the machine has none."""
        if bundle.is_fresh(Path(self.root)) or node.find():
            return []
        return [node.REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is stale, and add the notebooks to a wheel that is not editable."""
        root = Path(self.root)
        try:
            bundle.build(root)
        except (bundle.BundleError, node.NodeMissingError) as error:
            sys.exit(f"sw_notebook: the page could not be built: {error}")
        if self.target_name == "wheel" and version != "editable":
            for notebook in sorted((root / "notebooks").glob("*.ipynb")):
                build_data["force_include"][str(notebook)] = (
                    f"sw_notebook/notebooks/{notebook.name}"
                )
