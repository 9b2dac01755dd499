"""``policy-mirror catalogue``: what each cloud can say, and what pairs with what."""

from __future__ import annotations

import click

from shared.translation.json_text import dumps


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: matrix and codes.")
@click.option("--markdown", is_flag=True, help="Print the README's two generated sections.")
def catalogue(as_json: bool, markdown: bool) -> None:
    """Show the mapping matrix, and the codes of all that cannot be carried.

    Every claim about a cloud has a date and a source: see --json.
    """
    if as_json and markdown:
        raise click.UsageError("--json and --markdown are two formats; choose one")
    if as_json:
        from shared.translation.matrix import as_json as everything

        click.echo(dumps(everything()))
    elif markdown:
        from functions.local.markdown import codes_section, matrix_section

        click.echo(f"{matrix_section()}\n\n{codes_section()}")
    else:
        from functions.local.render_catalogue import show

        show()
