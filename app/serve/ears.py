"""A pipe on which the processes of a child say that they answer: each a line with how many they are."""

import os


class Ears:
    """`mouth` goes to the child; one that forks gives it to each of its own."""

    def __init__(self) -> None:
        self._fd, self.mouth = os.pipe()
        self._said = b""
        self.all_answer = False

    def fileno(self) -> int:
        """What select() waits for."""
        return self._fd

    def leave_mouth(self) -> None:
        """The child has it now; only when nobody else does is its silence heard."""
        os.close(self.mouth)

    def heard_all(self) -> bool:
        """Read what was said; True when there is nothing more to wait for: all answer, or all have gone without a word."""
        words = os.read(self._fd, 4096)
        self._said += words
        lines = self._said.splitlines()
        self.all_answer = self._said.endswith(b"\n") and len(lines) >= int(lines[0])
        return self.all_answer or not words

    def close(self) -> None:
        """Listen no longer."""
        os.close(self._fd)
