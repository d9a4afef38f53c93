"""A layer as it is written in PyTorch, nn.Conv2d(20, 16, (3, 5)), or as it is printed → a Convolution experiment."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from tracer.convolution.layer import DTYPES, LAYERS
from tracer.convolution.reading import either
from tracer.errors import ProgramError
from tracer.experiment import Convolution

_FIRST = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_LAST = ("padding_mode", "device", "dtype")
ARGUMENTS = {  # in torch's order, by whether the layer is a transposed one
    False: (*_FIRST, "dilation", "groups", "bias", *_LAST),
    True: (*_FIRST, "output_padding", "groups", "bias", "dilation", *_LAST),
}
NEEDED = ARGUMENTS[False][:3]
ALIASES = {"half": "float16", "float": "float32", "double": "float64"}  # of torch's dtypes
LONGEST = 10_000  # characters; a layer has about a hundred
_PRINTED = re.compile(r"\(\w+\):\s*")  # how a layer stands in a printed module: (conv1): Conv2d(…)
_EXAMPLE = "Write it as in PyTorch: nn.Conv2d(20, 16, (3, 5))"


class _Text(NamedTuple):
    """What was pasted, and how many characters were left out before the part that is read."""

    whole: str
    left_out: int

    def of(self, node: ast.expr) -> str:
        """Give what is written there, at most 40 characters of it."""
        return (ast.get_source_segment(self.whole[self.left_out :], node) or "")[:40]

    def refusal(self, node: ast.AST | None, what: str, cure: str) -> ProgramError:
        """Say what is wrong, with the line and the column, in characters, at which it stands in the whole text."""
        line, bytes_before = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        read = self.whole[self.left_out :].splitlines()[line - 1 : line]
        before = len("".join(read).encode()[:bytes_before].decode(errors="ignore"))
        skipped = self.whole[: self.left_out]
        column = before + 1 + (len(skipped) - skipped.rfind("\n") - 1 if line == 1 else 0)
        line += skipped.count("\n")
        return ProgramError(what, f"column {column}" if line == 1 else f"line {line}, column {column}", cure)


def paste(text: str, experiment: Convolution) -> Convolution:
    """Read a layer, and give the experiment with it: what the text leaves out has torch's default.

    The text may begin with a name, `conv =`, `self.conv:` or `(conv):`, and with `nn.` or `torch.nn.`; it is read,
    never run. Input size, batch, fill, seed and loss stay those of the experiment, as do dtype and device where the
    text has none. For another number of axes the input's size loses its first numbers, or repeats its first, and a
    loss of one output becomes the mean. Values given for input, weight and bias stay where their shape does.

    Raises:
        ProgramError: the text is no such layer; `where` is the column. (What its numbers demand of each other is
            checked when the experiment is resolved.)
    """
    source, call = _call(text)
    layer = _layer(source, call)
    given = _arguments(source, call, layer)
    read = {name: READERS.get(name, _setting)(source, node, name) for name, node in given.items()}
    return _replaced(experiment, layer, read)


def is_layer(text: str) -> bool:
    """Tell whether a text is written as a layer with its arguments, and not only its name."""
    return "(" in text


def _call(text: str) -> tuple[_Text, ast.Call]:
    """Parse the text to the one call that it is."""
    start = len(text) - len(text.lstrip())
    printed = _PRINTED.match(text, start)
    source = _Text(text, printed.end() if printed else start)
    if len(text) > LONGEST:
        raise source.refusal(None, f"The text has more than {LONGEST} characters", _EXAMPLE)
    try:
        statements = ast.parse(text[source.left_out :]).body
    except SyntaxError as error:
        before = (error.text or "")[: max(0, (error.offset or 1) - 1)]
        place = ast.Pass(lineno=error.lineno or 1, col_offset=len(before.encode()))
        raise source.refusal(place, f"This can't be read as Python: {error.msg[:60]}", _EXAMPLE) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise source.refusal(None, "This can't be read as Python", _EXAMPLE) from error
    if not statements:
        raise source.refusal(None, "There is no layer", _EXAMPLE)
    if len(statements) > 1:
        raise source.refusal(statements[1], "Here a second statement begins", "Give one layer")
    value = getattr(statements[0], "value", None)
    if isinstance(value, ast.Tuple) and len(value.elts) == 1:  # a comma behind it, from a list of layers
        value = value.elts[0]
    if not isinstance(statements[0], ast.Expr | ast.Assign | ast.AnnAssign) or not isinstance(value, ast.Call):
        raise source.refusal(statements[0], "This is no layer with its arguments", _EXAMPLE)
    return source, value


def _layer(source: _Text, call: ast.Call) -> str:
    """Read which layer is called."""
    name = _dotted(call.func)
    if name is None:
        raise source.refusal(
            call.func, "The layer is called or changed further", "Give the layer alone, without what follows"
        )
    module, _, layer = name.rpartition(".")
    if layer.startswith("Lazy") and layer.removeprefix("Lazy") in LAYERS:
        plain = layer.removeprefix("Lazy")
        raise source.refusal(
            call.func, f"{layer} learns in_channels only when it runs", f"Use {plain} with in_channels"
        )
    if layer not in LAYERS:
        near = difflib.get_close_matches(layer, LAYERS, n=1)
        cure = f"Did you mean {near[0]}?" if near else f"Use {either(LAYERS)}"
        raise source.refusal(call.func, f"“{layer[:40]}” is no convolution layer", cure)
    if module not in ("", "nn", "torch.nn"):
        raise source.refusal(call.func, f"The {layer} of “{module[:40]}” is not known here", f"Use nn.{layer}")
    return layer


def _arguments(source: _Text, call: ast.Call, layer: str) -> dict[str, ast.expr]:
    """Give each argument its name, as torch does."""
    names = ARGUMENTS[LAYERS[layer].transposed]
    for node in call.args:
        if isinstance(node, ast.Starred):
            raise source.refusal(node, "What a star stands for is not known here", "Write the arguments out")
    if len(call.args) > len(names):
        raise source.refusal(
            call.args[len(names)], f"{layer} takes at most {len(names)} arguments", "Leave out the rest"
        )
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            raise source.refusal(keyword.value, "What two stars stand for is not known here", "Write the arguments out")
        if keyword.arg not in names:
            near = difflib.get_close_matches(keyword.arg, names, n=1)
            cure = f"Did you mean {near[0]}?" if near else f"Its arguments are {', '.join(names)}"
            raise source.refusal(keyword, f"{layer} has no argument “{keyword.arg[:40]}”", cure)
        if keyword.arg in given:
            raise source.refusal(keyword, f"{keyword.arg} is given twice", "Give it once")
        given[keyword.arg] = keyword.value
    for name in NEEDED:
        if name not in given:
            raise source.refusal(
                call, f"{layer} needs {', '.join(NEEDED[:-1])} and {NEEDED[-1]}; {name} is missing", _EXAMPLE
            )
    return given


def _setting(source: _Text, node: ast.expr, name: str) -> Any:
    """Read a number, several, True, False or a word; as it is printed, a word has no quotes: padding=same."""
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_setting(source, item, name) for item in node.elts)
    if isinstance(node, ast.Name) and name in ("padding", "padding_mode"):
        return node.id
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        number = node.operand.value
        if isinstance(number, int | float) and not isinstance(number, bool):
            return -number
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value
    if isinstance(node, ast.Name | ast.Attribute):
        raise source.refusal(
            node, f"The value of “{source.of(node)}” is not known here", f"Write out the value of {name}"
        )
    raise source.refusal(node, f"{name} is no number, word, True or False", "Write it out, such as 3 or (3, 5)")


def _dtype(source: _Text, node: ast.expr, name: str) -> str | None:
    """Read torch.float64, "float64", torch.double; None is torch's default."""
    text = node.value if isinstance(node, ast.Constant) else _dotted(node)
    if text is None and isinstance(node, ast.Constant):
        return None
    word = text.removeprefix("torch.") if isinstance(text, str) else ""
    word = ALIASES.get(word, word)
    if word not in DTYPES:
        what = f"This dtype is not known here: {source.of(node)}"
        raise source.refusal(node, what, f"Use {either([f'torch.{dtype}' for dtype in DTYPES])}")
    return word


def _device(source: _Text, node: ast.expr, name: str) -> str | None:
    """Read "cuda:1" or torch.device("cuda", 1); None is torch's default."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
        return node.value
    if isinstance(node, ast.Call) and _dotted(node.func) in ("torch.device", "device") and not node.keywords:
        parts = [part.value for part in node.args if isinstance(part, ast.Constant)]
        if len(parts) == len(node.args) in (1, 2) and isinstance(parts[0], str):
            return ":".join(map(str, parts))
    what = f"This device is not known here: {source.of(node)}"
    raise source.refusal(node, what, "Write it as text, such as “cpu” or “cuda:0”")


READERS: dict[str, Callable[[_Text, ast.expr, str], Any]] = {"dtype": _dtype, "device": _device}


def _dotted(node: ast.expr) -> str | None:
    """Write names joined by dots, torch.nn.Conv2d; `None` for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def _replaced(experiment: Convolution, layer: str, read: dict[str, Any]) -> Convolution:
    """Put the layer into the experiment, and leave out what no longer fits."""
    chosen = {name: value for name, value in read.items() if value is not None}
    new = msgspec.structs.replace(experiment, **{**USUAL, **chosen, "layer": layer})
    before, dims = LAYERS.get(experiment.layer), LAYERS[layer].dims
    same_axes = before is not None and before.dims == dims
    same_input = same_axes and new.in_channels == experiment.in_channels
    same_kernels = same_input and all(getattr(new, name) == getattr(experiment, name) for name in _WEIGHT)
    return msgspec.structs.replace(
        new,
        input_size=_of_length(new.input_size, dims),
        loss=new.loss if same_axes or isinstance(new.loss, str) else "mean",
        input=new.input if same_input else None,
        weight=new.weight if same_kernels else None,
        bias_values=new.bias_values if new.bias and new.out_channels == experiment.out_channels else None,
    )


def _of_length(size: Any, dims: int) -> Any:
    """Leave out the first numbers, or repeat the first; one number stays one."""
    if not isinstance(size, list | tuple) or not size:
        return size
    return (*size[:1] * (dims - len(size)), *size[-dims:])


USUAL = {name: getattr(Convolution("Conv1d", 1, 1, 1, 1), name) for name in ARGUMENTS[True][3:-2]}  # torch's defaults
_WEIGHT = ("layer", "out_channels", "kernel_size", "groups")  # what the weight's shape depends on
