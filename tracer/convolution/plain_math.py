"""A formula of LaTeX, as documentation has it → a line of text: ⌊(L_in + 2 × padding − 1) / stride + 1⌋."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r"\\([a-zA-Z]+)|\\(.)|([{}_^])|(\s+)|([^\\{}_^\s]+)")
_SIGNS = {
    "times": "×", "cdot": "·", "star": "⋆", "sum": "Σ", "prod": "Π", "lfloor": "⌊", "rfloor": "⌋", "sim": "~",
    "left": "", "right": "", "text": "", "mathcal": "", "mathrm": "", "ldots": "…", "dots": "…", "leq": "≤", "geq": "≥",
}  # fmt: skip


class _Token(NamedTuple):
    kind: str  # "command", "sign", "space" or "text"
    text: str


def plain_math(formula: str) -> str:
    """Write a formula as text. A command that is not known stays as its name."""
    text = re.sub(r"\s+", " ", _many(_tokens(formula), ""))
    return re.sub(r"(?<=[⌊(]) | (?=[⌋),^])", "", text).strip()


def _tokens(formula: str) -> Iterator[_Token]:
    for command, escaped, sign, space, text in _TOKEN.findall(formula):
        if command:
            yield _Token("command", command)
        elif escaped:
            yield _Token("text", escaped)
        elif sign:
            yield _Token("sign", sign)
        elif space:
            yield _Token("space", " ")
        else:
            yield _Token("text", text.replace("-", "−").replace("*", "×"))


def _many(tokens: Iterator[_Token], end: str) -> str:
    """Write tokens up to a closing brace."""
    text = ""
    for token in tokens:
        if token == ("sign", end):
            break
        text += _one(token, tokens)
    return text


def _one(token: _Token, tokens: Iterator[_Token]) -> str:
    """Write what one token begins, with what belongs to it."""
    kind, text = token
    if kind == "sign" and text == "{":
        return _many(tokens, "}")
    if kind == "sign" and text in "_^":
        return text + _together(_next(tokens)) + (" " if text == "^" else "")
    if kind != "command":
        return "" if kind == "sign" else text
    if text == "frac":
        return f"{_together(_next(tokens))} / {_together(_next(tokens))}"
    if text == "sqrt":
        return f"√{_together(_next(tokens))}"
    return _SIGNS.get(text, text)


def _next(tokens: Iterator[_Token]) -> str:
    """Write the next group, number or name; a command with its own group, as in C_\\text{in}."""
    for token in tokens:
        if token.kind == "space":
            continue
        if token.kind == "command" and token.text in ("text", "mathcal", "mathrm"):
            return _next(tokens)
        if token.kind == "text" and len(token.text) > 1:  # only the first letter of several belongs to it
            return token.text
        return _one(token, tokens)
    return ""


def _together(text: str) -> str:
    """Put brackets around what would otherwise come apart."""
    text = re.sub(r"\s+", " ", text).strip()
    return f"({text})" if " " in text or "=" in text else text
