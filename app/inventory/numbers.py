"""How the numbers of copies are written, everywhere: № 017/100."""

from collections.abc import Mapping, Sequence

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def padded(number: int, last: int) -> str:
    """A number with as many digits as the highest of its run: 17 in a run that ends at 100 is `017`."""
    return f"{number:0{len(str(last))}d}"


def numbered(numbers: Sequence[int], last: int) -> str:
    """`№ 017/100`, or `№ 017, 018/100`; empty for no number."""
    return f"{listed(numbers, last)}/{last}" if numbers else ""


def listed(numbers: Sequence[int], last: int) -> str:
    """`№ 017, 018`, where there is no room for the total; empty for no number."""
    return f"№ {', '.join(padded(number, last) for number in numbers)}" if numbers else ""


def issue_words(issue: int) -> str:
    """`second issue` for the first replacement of a number; empty for a number's own first copy."""
    if not issue:
        return ""
    return f"{_ORDINALS[issue]} issue" if issue < len(_ORDINALS) else f"issue {issue + 1}"


def issued_again(issues: Mapping[int, int], last: int) -> tuple[str, ...]:
    """`№ 017, second issue` for each number that stands for a damaged copy, from the numbers with their issues."""
    return tuple(f"№ {padded(number, last)}, {issue_words(issue)}" for number, issue in issues.items() if issue)
