"""What can be done in a lesson: by its people, by their machine and by the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import ViewportSize, expect

from .lesson import PATIENCE, Face, Lesson, Shown
from .notebook import text
from .view import View
from .waiting import wait_until

__all__ = ["SIZE", "Steps"]

SIZE = ViewportSize(width=1280, height=2600)
"""So that JupyterLab, which takes cells out of sight away, keeps all of them."""

LASTING = ("/public/echo", "/public/bars", "/public/silence", "/public/slow")
ENDING = ("/public/forbidden", "/public/busy", "/public/no-answer", "/public/drop")


class Steps(Lesson):
    """The steps of a lesson; chance says which is taken."""

    # --- steps: dial ----------------------------------------------------------------------

    def dial_by_button(self) -> None:
        """Type a destination and click *Dial*."""
        call, destination = self.an_idle_call(), self.chance.choice(LASTING + ENDING)
        attempt = self.ask(f"{call.name}.attempt")
        self.click_dial(call, destination)
        wait_until(lambda: self.ask(f"{call.name}.attempt") == attempt + 1, PATIENCE)
        end = "connected" if destination in LASTING else "ended"
        self.run(f"await {call.name}.wait_for({end!r}, timeout={PATIENCE})")

    def dial_from_python(self) -> None:
        """Await a dial in a cell; what fails is an exception that says so."""
        call, destination = self.an_idle_call(), self.chance.choice(LASTING + ENDING)
        said = self.run(
            "try:\n"
            f"    print(await {call.name}.dial({destination!r}))\n"
            "except CallEnded as ended:\n"
            "    print(ended.kind)\n"
            + (f"await {call.name}.wait_for('ended', timeout=30)" if destination in ENDING else "")
        ).split("\n")[0]
        lasts = destination in LASTING or destination == "/public/drop"
        assert said == "connected" if lasts else said in {"destination", "remote"}, said

    def dial_and_regret(self) -> None:
        """Hang up while the call is still on its way."""
        call = self.an_idle_call()
        attempt = self.ask(f"{call.name}.attempt")
        self.click_dial(call, self.chance.choice(["/public/slow", "/public/echo"]))
        face = self.face(call)
        expect(face.hang_up).to_be_enabled(timeout=1e3 * PATIENCE)
        time.sleep(self.chance.random() * 2)
        face.hang_up.click()
        wait_until(lambda: self.ask(f"{call.name}.attempt") == attempt + 1, PATIENCE)
        self.run(f"await {call.name}.wait_for('ended', timeout={PATIENCE})")

    def click_dial(self, call: Shown, destination: str) -> None:
        """Fill the box and click; the view takes no second click within half a second."""
        face = self.face(call)
        face.expect_idle()
        face.destination.fill(destination)
        face.dial.click()

    # --- steps: hang up -------------------------------------------------------------------

    def hang_up(self) -> None:
        """By the button, by Python or by the far side."""
        call = self.a_call()
        match self.chance.randrange(3):
            case 0:
                self.face(call).hang_up.click()
            case 1:
                self.run(f"{call.name}.hangup()")
            case _:
                self.space.hangup(self.ask(f"{call.name}.call_id"))
        self.run(f"await {call.name}.wait_for('ended', timeout={PATIENCE})")

    def close(self) -> None:
        """Close a call, up or not, and make another one in its place."""
        call = self.chance.choice(self.calls)
        self.watch.let_go()
        self.run(f"{call.name}.close()")
        expect(Face(self.notebook.page, call.title, 0).all).to_have_count(0)
        self.make(call)

    def run_the_cell_again(self) -> None:
        """The call that its last run made ends, up or not."""
        call = self.chance.choice(self.calls)
        title = call.title
        self.make(call)
        expect(Face(self.notebook.page, title, 0).all).to_have_count(0)

    def transfer(self) -> None:
        """Hand the far side over; what does not exist is refused, and the call goes on."""
        call = self.a_call()
        if self.chance.random() < 0.5:
            self.run(
                f"{call.name}.transfer('/public/bars')\n"
                f"await {call.name}.wait_for('ended', timeout={PATIENCE})"
            )
        else:
            self.run(f"{call.name}.transfer('/public/@nowhere')")
            expect(self.face(call).log).to_contain_text("no such destination")

    # --- steps: in a call -----------------------------------------------------------------

    def mute(self) -> None:
        """Mute or unmute what the call sends."""
        call = self.a_call()
        media = self.chance.choice(sorted(self.ask(f"{call.name}.media_directions")))
        names = {
            "audio": ("Mute microphone", "Unmute microphone"),
            "video": ("Stop camera", "Start camera"),
        }
        self.toggle(call, f"{media}_muted", names[media], (f"mute_{media}", f"unmute_{media}"))

    def hold(self) -> None:
        """Hold or go on."""
        self.toggle(self.a_call(), "held", ("Hold", "Resume"), ("hold", "unhold"))

    def toggle(
        self, call: Shown, trait: str, buttons: tuple[str, str], verbs: tuple[str, str]
    ) -> None:
        """Turn something on or off, by its button or by Python, and wait until it is so."""
        is_on = self.ask(f"{call.name}.{trait}")
        if self.chance.random() < 0.5:
            self.face(call).button(buttons[is_on]).click()
        else:
            self.run(f"{call.name}.{verbs[is_on]}()")
        wait_until(lambda: self.ask(f"{call.name}.{trait}") is not is_on, PATIENCE)

    def digits(self) -> None:
        """Press a key, or send some from Python."""
        call = self.a_call()
        call_id = self.ask(f"{call.name}.call_id")
        before = self.leg(call_id)["digits"]
        if self.chance.random() < 0.5:
            face = self.face(call)
            if not face.button("5").is_visible():
                face.button("Keypad").click()
            face.button("5").click()
            sent = "5"
        else:
            self.run(f"{call.name}.send_digits('12#')")
            sent = "12#"
        wait_until(lambda: self.leg(call_id)["digits"] == before + sent, PATIENCE)

    def leg(self, call_id: str) -> dict[str, Any]:
        """What the space says of a call."""
        (leg,) = [leg for leg in self.space.legs() if leg["call_id"] == call_id]
        return leg

    def unplug(self) -> None:
        """Take away a device; another one takes its place in every call that used it."""
        call = self.a_call()
        media = self.chance.choice(["audio", "video"] if call.video else ["audio"])
        View(self.notebook.page).unplug(media)

    # --- steps: the network ---------------------------------------------------------------

    def cut_the_socket(self) -> None:
        """The signalling is lost, and comes back."""
        call_id = self.ask(f"{self.a_call().name}.call_id")
        self.space.disconnect(call_id)
        time.sleep(self.chance.random() * 2)

    def lose_media(self) -> None:
        """No packet passes for two seconds."""
        self.space.interrupt(self.ask(f"{self.a_call().name}.call_id"), 2)
        time.sleep(2)

    # --- steps: views and pages -----------------------------------------------------------

    def show_again(self) -> None:
        """A second view of each call, beside the first or in the place of the second."""
        self.show()

    def clear_outputs_and_show(self) -> None:
        """Clear every output, and show the calls before one is hung up, or long after."""
        self.notebook.clear_outputs()
        time.sleep(self.chance.choice([0, 1, 8]))
        self.show()

    def reload(self) -> None:
        """Reload the page; the views in the outputs come back with the calls that are there."""
        self.watch.let_go()
        self.notebook.save()
        self.notebook.reload()
        self.page_begun = time.monotonic()
        self.loads += 1
        self.show()

    def second_tab(self) -> None:
        """Watch a call in another tab, hang up or take it over there, and close that tab."""
        call = self.a_call()
        # its view in the document that the other tab opens
        self.show()
        other = self.notebook.second_tab()
        try:
            other.page.set_viewport_size(SIZE)
            other.draw_lost(timeout=PATIENCE)
            face = Face(other.page, call.title, 0)
            expect(face.view).to_contain_text(
                "This call is on another page", timeout=1e3 * PATIENCE
            )
            match self.chance.randrange(3):
                case 0:
                    face.hang_up.click()
                    face.expect_idle()
                case 1:
                    face.button("Take it over").click()
                    expect(face.view).to_have_attribute(
                        "data-status", "connected", timeout=1e3 * PATIENCE
                    )
                    expect(self.face(call).view).to_contain_text("This call is on another page")
                case _:
                    pass
            assert other.page_errors == []
        finally:
            self.watch.let_go()
            other.page.close()

    # --- steps: the kernel ----------------------------------------------------------------

    def interrupt(self) -> None:
        """An interrupt ends a cell that waits or computes, and no call."""
        before = self.ask("[ada.status, bob.status]")
        call = self.chance.choice(self.calls)
        wait = f"await {call.name}.wait_for('ended')" if call.connected else "pass"
        self.cells_run += 1
        self.busy.start_again(
            self._beginning()
            + self.chance.choice([f"{wait}\nwhile True: pass", "while True: pass"])
        )
        self._wait_for_beginning()
        self.notebook.interrupt()
        self.busy.wait(check=False)
        assert self.ask("[ada.status, bob.status]") == before

    def _beginning(self) -> str:
        # numbered: what the run before has said stays in sight until this one begins
        return f"print('be' 'gun {self.cells_run}', flush=True)\n"

    def _wait_for_beginning(self) -> None:
        words = f"begun {self.cells_run}"
        wait_until(lambda: words in text(self.busy.outputs), PATIENCE)

    def a_busy_cell(self) -> None:
        """While a cell computes for two seconds the buttons work."""
        self.cells_run += 1
        self.busy.start_again(
            self._beginning() + "import time\n"
            "until = time.monotonic() + 2\n"
            "while time.monotonic() < until: sum(range(10_000))"
        )
        self._wait_for_beginning()
        up = [call for call in self.calls if call.connected]
        if up:
            call = self.chance.choice(up)
            face = self.face(call)
            if self.chance.random() < 0.5:
                face.hang_up.click()
                expect(face.hang_up).to_be_disabled(timeout=1e3 * PATIENCE)
            else:
                face.view.get_by_role("button", name="microphone").click()
        else:
            self.click_dial(self.calls[0], "/public/bars")
        self.busy.wait()

    def restart(self) -> None:
        """Restart the kernel; its calls end, and the cells are run again."""
        self.watch.let_go()
        self.notebook.restart()
        self.kernel_begun = time.monotonic()
        wait_until(lambda: self.live() == [] and self.space.legs() == [], PATIENCE)
        if self.chance.random() < 0.5:
            self.notebook.clear_outputs()
        for call in self.calls:
            self.make(call)

    # --- chance ---------------------------------------------------------------------------

    def a_call(self) -> Shown:
        """One of the calls that are up."""
        return self.chance.choice([call for call in self.calls if call.connected])

    def an_idle_call(self) -> Shown:
        """One of the calls that are not."""
        return self.chance.choice([call for call in self.calls if not call.connected])

    def steps(self) -> dict[Callable[[], None], float]:
        """What can be done now, and how likely each is."""
        up = [call.connected for call in self.calls]
        steps: dict[Callable[[], None], float] = {
            self.close: 1,
            self.run_the_cell_again: 2,
            self.show_again: 2,
            self.clear_outputs_and_show: 2,
            self.interrupt: 2,
            self.a_busy_cell: 3,
            self.reload: 1,
            self.restart: 1,
        }
        if not all(up):
            steps |= {self.dial_by_button: 8, self.dial_from_python: 6, self.dial_and_regret: 3}
        if any(up):
            steps |= {
                self.hang_up: 5,
                self.transfer: 2,
                self.mute: 4,
                self.hold: 4,
                self.digits: 3,
                self.unplug: 2,
                self.cut_the_socket: 2,
                self.lose_media: 2,
                self.second_tab: 2,
            }
        return steps

    def step(self) -> None:
        """Take one step, and see that all is as it must be."""
        steps = self.steps()
        # what was taken often is less likely, so that a short lesson has some of everything
        weights = [weight / (1 + self.counts.get(one.__name__, 0)) for one, weight in steps.items()]
        (step,) = self.chance.choices(list(steps), weights)
        name = step.__name__
        up = "".join(call.name[0] for call in self.calls if call.connected)
        self.taken.append(
            f"{len(self.taken) + 1:4} {time.monotonic() - self.begun:6.1f} s "
            f"{name}{f' (up: {up})' if up else ''}"
        )
        self.counts[name] = self.counts.get(name, 0) + 1
        step()
        self.settle()
