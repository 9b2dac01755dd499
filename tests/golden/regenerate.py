"""``python -m tests.golden.regenerate`` rewrites what is derived in the golden cases, and says where."""

from __future__ import annotations

from tests.golden.golden import HERE, cases, derived, files, seeds, text


def main() -> None:
    for path in [*files(), *seeds()]:
        before, after = path.read_text(encoding="utf-8"), text([derived(case) for case in cases(path)])
        if before != after:
            path.write_text(after, encoding="utf-8")
            print(f"rewritten: {path.relative_to(HERE)}")


if __name__ == "__main__":
    main()
