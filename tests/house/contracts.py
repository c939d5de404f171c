"""The import contract that lists which system may know which, each with its reason."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DeclaredEdges(Contract):
    """Packages of `container` know each other only by `edges`, written `user -> used: reason`.

    A package's `events` may be read by all, for that is how they consume each other (design §2).
    An edge that nothing uses fails too.
    """

    type_name = "declared_edges"

    container = fields.StringField()
    edges = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        declared = {tuple(edge.partition(":")[0].replace(" ", "").split("->")) for edge in self.edges}  # type: ignore[attr-defined]
        without_reason = [edge for edge in self.edges if not edge.partition(":")[2].strip()]  # type: ignore[attr-defined]
        prefix = f"{self.container}."
        used, broken = set(), []
        for importer in sorted(graph.modules):
            if not importer.startswith(prefix):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                user, system = _system(importer, prefix), _system(imported, prefix)
                if not imported.startswith(prefix) or user == system:
                    continue
                if imported.split(".")[len(prefix.split(".")) :][:1] == ["events"]:
                    continue
                used.add((user, system))
                if (user, system) not in declared:
                    broken.append(f"{importer} -> {imported}")
        unused = [f"{user} -> {system} is declared and not used" for user, system in sorted(declared - used)]
        faults = [*broken, *unused, *(f"no reason given: {edge}" for edge in without_reason)]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            output.print_error(f"- {fault}", bold=False)


def _system(module: str, prefix: str) -> str:
    return module.removeprefix(prefix).split(".")[0]
