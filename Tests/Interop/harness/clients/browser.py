# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, driven by the DevTools protocol over two pipes."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from typing import Any

from ..arena import Arena, ScenarioFailed, ScenarioSkipped

ANSWER_SECONDS = 20.0


class Browser:
    """One browser with one page; skips the scenario where Chromium is not installed."""

    def __init__(self, arena: Arena) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise ScenarioSkipped("chromium is not installed")
        reader, self._commands = os.pipe()
        self._answers, writer = os.pipe()
        # The browser reads commands from descriptor 3, and writes answers to 4, which may be in use here.
        commands, answers = (fcntl.fcntl(pipe, fcntl.F_DUPFD, 10) for pipe in (reader, writer))
        shell = f'exec 3<&{commands} 4>&{answers} {commands}<&- {answers}>&-; exec "$@"'
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"]
        options += ["--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe"]
        profile = arena.subfolder("profile")
        log = (arena.folder / "chromium.log").open("wb")
        command = ["bash", "-c", shell, "-", program, *options, f"--user-data-dir={profile}", "about:blank"]
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(commands, answers),
            env={**os.environ, "HOME": str(profile)},
        )
        log.close()
        for pipe in (reader, writer, commands, answers):
            os.close(pipe)
        arena.on_close(self.close)
        self._number = 0
        self._buffer = b""
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._page = self._call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]

    def visit(self, url: str) -> None:
        """Go to an address, as if the user had opened it."""
        self._call("Page.navigate", self._page, url=url)

    def number(self, expression: str) -> float:
        """Evaluate JavaScript in the page; 0 if the result is no number."""
        result = self._call("Runtime.evaluate", self._page, expression=expression)
        value = result["result"].get("value")
        return float(value) if isinstance(value, (int, float)) else 0.0

    def close(self) -> None:
        """End the browser."""
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def _call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise ScenarioFailed(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self._answers, 1 << 16) if ready else b""
            if not data:
                raise ScenarioFailed("Chromium does not answer")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message
