"""Text from people is inert and unchanged in every output, wherever it comes in."""

from __future__ import annotations

import functools
import json
from xml.etree import ElementTree

import pytest
import torch

import tracer
from tests.payloads import PAYLOADS, is_shown, signs
from tracer.cli import tables
from tracer.drawing.graphviz import run
from tracer.facts import encodable, from_json
from tracer.runners.expression import find

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
ALLOWED = {"svg", "g", "title", "text", "tspan", "rect", "polygon", "polyline", "path", "ellipse"}

each = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)


def accepted(text: str) -> str:
    """Give a text that Python takes as the name of a class or a file: without NUL and lone surrogates."""
    return text.replace("\0", "_").encode("utf-8", "replace").decode()


def attribute(text: str) -> str:
    """Give a text that torch takes as the name of a parameter or module: not empty, without a point."""
    return text.replace(".", "·") or "empty"


@functools.cache
def recording(payload: str) -> tracer.Recording:
    """Record a graph into which a payload came by every way: names of an input, of a value in between and of an
    output, of a parameter, a buffer, a module and its class, of a custom function, and of the person's file."""
    layer = type(accepted(payload), (torch.nn.Module,), {"forward": lambda self, x: step(x) * x})()
    function = type(accepted(payload), (torch.autograd.Function,), {"forward": forward, "backward": backward})
    model, name = torch.nn.Module(), attribute(payload)
    model.add_module(name, torch.nn.Module())
    part = model.get_submodule(name)
    part.register_parameter(name, torch.nn.Parameter(torch.tensor([1.0, 2.0])))
    part.register_buffer(name + "_", torch.ones(2))
    space: dict = {}
    exec(compile("def step(x):\n    return x + 1\n", accepted(payload).replace("/", "∕") + ".py", "exec"), space)
    step = space["step"]
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    with tracer.record() as notes:
        middle = x * part.get_parameter(name) * part.get_buffer(name + "_")
        end = function.apply(layer(middle)).sum()
    return tracer.trace(
        {payload: end}, model=model, notes=notes, names={payload + "x": x, payload + "m": middle}, gradients=True
    )


def forward(ctx, x):
    return x * 2


def backward(ctx, g):
    return g * 2


def texts(root: ElementTree.Element) -> list[str]:
    return [(element.text or "").replace("\xa0", " ") for element in root.iter(f"{SVG}text")]


def refuse_active(root: ElementTree.Element, tags: set[str]) -> None:
    """Fail where something in a picture could run or lead elsewhere."""
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= tags
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on") and "href" not in name.lower() and name != "style"
            assert "javascript:" not in value.lower() or name in {f"{XLINK}title", "aria-label"}


@each
def test_svg(payload):
    root = ElementTree.fromstring(recording(payload).to_svg())
    refuse_active(root, ALLOWED)
    shown, tooltips = texts(root), [title.text or "" for title in root.iter(f"{SVG}title")]
    name = attribute(payload)
    for title in (payload + "x", f"{name}.{name}"):
        assert any(is_shown(text, title) for text in shown), (title, shown)
    for whole in (payload + "x", payload + "m", f"{name}.{name}", f"output {payload}"):
        assert any(signs(whole) in tooltip for tooltip in tooltips), whole
    assert signs(payload) in root.attrib["aria-label"]


@each
def test_dot_rendered_by_graphviz(payload):
    root = ElementTree.fromstring(run(recording(payload).to_dot(), 10, "svg"))
    refuse_active(root, {*ALLOWED, "a"})
    shown = [text.removesuffix(" (input)").removesuffix(" (parameter)") for text in texts(root)]
    tooltips = [element.attrib.get(f"{XLINK}title", "") for element in root.iter(f"{SVG}a")]
    name = attribute(payload)
    for title in (payload + "x", f"{name}.{name}"):
        assert any(is_shown(text, title) for text in shown), (title, shown)
        assert any(signs(title) in tooltip.replace("\xa0", " ") for tooltip in tooltips), title


@each
def test_json_reads_back_the_same(payload):
    found = recording(payload)
    read = from_json(found.to_json())
    assert [tensor.name for tensor in read.tensors] == [encodable(tensor.name) for tensor in found.facts.tensors]
    assert [node.label for node in read.graph.nodes] == [
        encodable(n.label) if n.label else n.label for n in found.graph.nodes
    ]
    if encodable(payload) == payload:
        assert read == found.facts
    assert json.loads(found.to_json())["facts"]["graph"]["outputs"][0][2] == encodable(payload)


@each
def test_tables_in_the_terminal(payload, capsys):
    found = recording(payload)
    tables.show(f"of {payload}", tables.SHAPES, found.shapes())
    tables.show("gradients", tables.GRADIENT_VALUES, found.gradients())
    tables.say(payload)
    tables.as_json(found.shapes())
    printed = capsys.readouterr().out
    assert [c for c in printed if signs(c) != c and c != "\n"] == []
    if len(signs(payload)) < 40:
        assert signs(payload) in printed


@each
def test_notebook(payload):
    bundle = recording(payload)._repr_mimebundle_()
    refuse_active(ElementTree.fromstring(bundle["image/svg+xml"]), ALLOWED)
    assert signs(bundle["text/plain"]) == bundle["text/plain"]
    assert bundle["text/plain"].startswith("<Recording of " + signs(payload)[:100])


@pytest.mark.parametrize("name", ["not characters", "lone surrogates", "ends title", "emoji", "turned", "long and odd"])
def test_pictures_and_pages(name, tmp_path):
    found = recording(PAYLOADS[name])
    for suffix, start in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        found.save(tmp_path / f"graph.{suffix}")
        assert (tmp_path / f"graph.{suffix}").read_bytes().startswith(start)


def test_a_payload_comes_in_everywhere():
    """The other tests would be empty where a way in got lost."""
    payload = PAYLOADS["Japanese"]
    nodes = recording(payload).graph.nodes
    assert {node.label for node in nodes if node.label} >= {payload + "x", payload + "m", f"{payload}.{payload}"}
    assert {node.source for node in nodes} >= {payload + ".py:2"}
    assert payload in {node.module for node in nodes}
    assert payload + "Backward" in {node.name for node in nodes}


PROGRAMS = [
    "y = x * (x < 3) & (x > 0)  # <script>alert(1)</script>",
    "é = x * 2",
    "重み = x * 2",
    "y = x * 2  # \x1b[31m\u202e",
    "y = torch.einsum('i->i', x)",
    "y = x \\\n * 2",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program):
    found = tracer.Recording(find(tracer.Expression(program.replace("&", "*"), {"x": [1.0, 2.0]})))
    root = ElementTree.fromstring(found.to_svg())
    refuse_active(root, ALLOWED)
    made_by = " ".join(program.partition(" = ")[2].partition("  #")[0].replace("&", "*").split())
    shown = made_by.replace("-", "−")
    assert any(shown in (title.text or "") for title in root.iter(f"{SVG}title")), shown
    assert from_json(found.to_json()) == found.facts


@each
@pytest.mark.parametrize("way", ["program", "name"])
def test_a_refused_program_or_name_is_told_inertly(payload, way):
    program, inputs = (payload, {"x": [1.0]}) if way == "program" else ("y = x * 2", {"x": [1.0], payload: [2.0]})
    try:
        find(tracer.Expression(program, inputs))
        told = payload  # the language lets it be
    except tracer.TracerError as error:
        told = str(error)
    assert signs(told) == told
