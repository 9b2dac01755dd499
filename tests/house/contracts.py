"""A contract of our own for import-linter: modules of one package, told apart by the start of their names."""

from __future__ import annotations

from itertools import permutations
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class IndependentPrefixesContract(Contract):
    """Modules of ``package`` whose names start with one prefix import none that start with another.

    ``shared.clouds`` holds ``aws_*`` and ``azure_*`` side by side; import-linter's own independence
    contract wants every module listed, and would let a new one slip through.
    """

    package = fields.StringField()
    prefixes = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        package = cast("str", self.package)
        chains: list[str] = []
        for importing, imported in permutations(cast("list[str]", self.prefixes), 2):
            for importer in _children(graph, package, importing):
                for target in _children(graph, package, imported):
                    found = graph.find_shortest_chains(importer=importer, imported=target)
                    chains += [" -> ".join(chain) for chain in found]
        return ContractCheck(kept=not chains, metadata={"chains": sorted(chains)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["chains"]:
            output.print_error(chain)
            output.new_line()


def _children(graph: ImportGraph, package: str, prefix: str) -> list[str]:
    return sorted(
        module for module in graph.find_children(package) if module.rpartition(".")[2].startswith(prefix)
    )
