"""How long a space stays."""

from __future__ import annotations

from sw_notebook.space.owners import Owners


async def test_a_space_stays_while_it_is_owned() -> None:
    """It goes when the last owner has gone."""
    owners = Owners(0)
    with owners.hold(), owners.hold():
        assert owners.count == 2
        assert not owners.gone
    assert owners.count == 0
    await owners.wait_until_gone()
    assert owners.gone


async def test_a_new_owner_in_time_keeps_it() -> None:
    """The wait ends when somebody comes."""
    owners = Owners(3600)
    with owners.hold():
        pass
    with owners.hold():
        assert owners._timer is None
    assert owners._timer is not None
    owners.close()


async def test_without_a_limit_it_stays() -> None:
    """Until it is told to end; twice is fine."""
    owners = Owners(None)
    with owners.hold():
        pass
    assert owners._timer is None
    owners.close()
    owners.close()
    assert owners.gone
