"""A notebook that is run without a browser, as ``nbconvert --execute`` does, saves no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sw_notebook.credentials import VARIABLES
from sw_notebook.space import LoopbackSpace

from .browser.lab import write_notebook

CELLS = (
    "%xmode Verbose",
    "import logging, sys; logging.basicConfig(stream=sys.stdout, level=logging.DEBUG)",
    "from sw_notebook import Call, Credentials, TokenClient\ncall = Call('/public/echo')\ncall",
    "mine = Credentials.from_env()\nmine",
    "with TokenClient(mine) as client:\n    grant = client.subscriber('ada')\ngrant, grant.token",
    "plain = Call('/public/echo', token=grant.token)\nplain, plain.token, plain.get_state()",
    "TokenClient(mine).refresh(grant.token)",  # refused: it is no refresh token
    "import pickle; pickle.dumps(grant.token)",
    "import copy; copy.deepcopy(mine), copy.copy(grant.token)",
    "await plain.dial()",  # no page shows it
    "Call('/public/echo', token=7)",
)
LEAK = "import os; os.environ['SIGNALWIRE_API_TOKEN'], grant.token.reveal()"


@pytest.mark.parametrize("leaks", [False, True])
def test_an_executed_notebook_holds_no_secret(tmp_path: Path, leaks: bool) -> None:
    """Whatever it shows, logs and fails at; and one that prints its secrets is found."""
    notebook = write_notebook(tmp_path / "run.ipynb", *CELLS, *([LEAK] if leaks else []))
    with LoopbackSpace(private=True) as space:
        values = (space.url, space.project_id, space.api_token)
        command = [
            *(sys.executable, "-m", "nbconvert", "--execute", "--allow-errors"),
            *("--to", "notebook", "--inplace", str(notebook)),
        ]
        done = subprocess.run(
            command,
            env={**os.environ, **dict(zip(VARIABLES, values, strict=True))},
            capture_output=True,
            text=True,
            check=True,
        )
        saved = notebook.read_text()
        for words in ("DEBUG", "RestError", "NoPageError", "expires in", "widget-state"):
            assert words in saved
        said = saved + done.stdout + done.stderr
        assert (space.api_token in said) is leaks
        assert ("eyJ" in said) is leaks  # every token begins so
