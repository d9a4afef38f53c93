"""A layer as it is written in PyTorch, nn.Conv2d(20, 16, (3, 5)), or as it is printed → a Convolution experiment."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from tracer.convolution.calls import Source, arguments, call_of, dotted
from tracer.convolution.layer import DTYPES, LAYERS
from tracer.convolution.reading import either
from tracer.convolution.receptive_field import POOLINGS, Layer, layer_of, pooling
from tracer.convolution.settings import read
from tracer.experiment import Convolution

_FIRST = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_LAST = ("padding_mode", "device", "dtype")
ARGUMENTS = {  # in torch's order, by whether the layer is a transposed one
    False: (*_FIRST, "dilation", "groups", "bias", *_LAST),
    True: (*_FIRST, "output_padding", "groups", "bias", "dilation", *_LAST),
}
NEEDED = ARGUMENTS[False][:3]
ALIASES = {"half": "float16", "float": "float32", "double": "float64"}  # of torch's dtypes
POOLING_ARGUMENTS = {
    "MaxPool": ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"),
    "AvgPool": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
}
OF_PLACES = ("kernel_size", "stride", "padding", "dilation")  # what plays a part in a pooling's receptive field


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
    source, call = call_of(text)
    layer = _layer(source, call, LAYERS)
    return _replaced(experiment, layer, _read(source, call, layer))


def stacked(text: str) -> Layer:
    """Read a layer of a stack, a convolution or a pooling, for its receptive field.

    Raises:
        ProgramError: the text is no such layer; `where` is the column.
        InvalidSetting: a number of it does not work.
    """
    source, call = call_of(text)
    name = _layer(source, call, (*LAYERS, *POOLINGS))
    if name in LAYERS:
        asked = Convolution(name, 1, 1, 1, 1)  # type: ignore[arg-type]
        return layer_of(read(_replaced(asked, name, _read(source, call, name))))
    given = arguments(source, call, name, POOLING_ARGUMENTS[name[:7]], ("kernel_size",))
    none = [key for key, node in given.items() if isinstance(node, ast.Constant) and node.value is None]
    return pooling(name, **{key: _setting(source, given[key], key) for key in OF_PLACES if key in given.keys() - none})


def _read(source: Source, call: ast.Call, layer: str) -> dict[str, Any]:
    given = arguments(source, call, layer, ARGUMENTS[LAYERS[layer].transposed], NEEDED)
    return {name: READERS.get(name, _setting)(source, node, name) for name, node in given.items()}


def is_layer(text: str) -> bool:
    """Tell whether a text is written as a layer with its arguments, and not only its name."""
    return "(" in text


def _layer(source: Source, call: ast.Call, known: Iterable[str]) -> str:
    """Read which layer is called."""
    name = dotted(call.func)
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
    names = tuple(known)
    if layer not in names:
        near = difflib.get_close_matches(layer, names, n=1)
        cure = f"Did you mean {near[0]}?" if near else f"Use {either(names)}"
        kinds = "convolution or pooling" if "MaxPool1d" in names else "convolution"
        raise source.refusal(call.func, f"“{layer[:40]}” is no {kinds} layer", cure)
    if module not in ("", "nn", "torch.nn"):
        raise source.refusal(call.func, f"The {layer} of “{module[:40]}” is not known here", f"Use nn.{layer}")
    return layer


def _setting(source: Source, node: ast.expr, name: str) -> Any:
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


def _dtype(source: Source, node: ast.expr, name: str) -> str | None:
    """Read torch.float64, "float64", torch.double; None is torch's default."""
    text = node.value if isinstance(node, ast.Constant) else dotted(node)
    if text is None and isinstance(node, ast.Constant):
        return None
    word = text.removeprefix("torch.") if isinstance(text, str) else ""
    word = ALIASES.get(word, word)
    if word not in DTYPES:
        what = f"This dtype is not known here: {source.of(node)}"
        raise source.refusal(node, what, f"Use {either([f'torch.{dtype}' for dtype in DTYPES])}")
    return word


def _device(source: Source, node: ast.expr, name: str) -> str | None:
    """Read "cuda:1" or torch.device("cuda", 1); None is torch's default."""
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str)):
        return node.value
    if isinstance(node, ast.Call) and dotted(node.func) in ("torch.device", "device") and not node.keywords:
        parts = [part.value for part in node.args if isinstance(part, ast.Constant)]
        if len(parts) == len(node.args) in (1, 2) and isinstance(parts[0], str):
            return ":".join(map(str, parts))
    what = f"This device is not known here: {source.of(node)}"
    raise source.refusal(node, what, "Write it as text, such as “cpu” or “cuda:0”")


READERS: dict[str, Callable[[Source, ast.expr, str], Any]] = {"dtype": _dtype, "device": _device}


def _replaced(experiment: Convolution, layer: str, read: dict[str, Any]) -> Convolution:
    """Put the layer into the experiment, and leave out what no longer fits."""
    chosen = {name: value for name, value in read.items() if value is not None}
    new = msgspec.structs.replace(experiment, **{**USUAL, **chosen, "layer": layer})
    before, dims = LAYERS.get(experiment.layer), LAYERS[layer].dims
    same_axes = before is None or before.dims == dims
    same_input = same_axes and new.in_channels == experiment.in_channels
    same_kernels = same_input and all(getattr(new, name) == getattr(experiment, name) for name in _WEIGHT)
    return msgspec.structs.replace(
        new,
        input_size=new.input_size if same_axes else _of_length(new.input_size, dims),
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
