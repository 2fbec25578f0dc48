"""How the fault tests report what they went through."""

from collections.abc import Mapping


def print_table(rows: Mapping[str, int]) -> None:
    """Print what was counted, for whoever reads `make test-faults`."""
    print()
    for what, count in rows.items():
        print(f"{what:32}{count:>10}")
