"""The Python that leads from a traced tensor to a node of its graph, as text to copy."""

from __future__ import annotations

from tracer.graph import Graph


def python_path(graph: Graph, node: int) -> str | None:
    """Spell the shortest way to a node: "a.grad_fn.next_functions[0][0]"; to a leaf, on to its tensor: ".variable".

    `None` where no traced tensor leads to it.
    """
    ways = {end.node: f"{end.name}.grad_fn" for end in reversed(graph.outputs) if end.node is not None}
    if graph.nodes[node].kind == "leaf":
        bare = next((end.name for end in graph.outputs if end.node == node), None)
        if bare is not None:  # the traced tensor is the leaf itself, which has no grad_fn
            return bare
    producers: dict[int, list[tuple[int, int]]] = {}
    for edge in graph.edges:
        producers.setdefault(edge.consumer, []).append((edge.slot, edge.producer))
    queue = list(ways)
    for at in queue:
        for slot, producer in producers.get(at, ()):
            if producer not in ways:
                ways[producer] = f"{ways[at]}.next_functions[{slot}][0]"
                queue.append(producer)
    if node not in ways:
        return None
    return f"{ways[node]}.variable" if graph.nodes[node].kind == "leaf" else ways[node]
