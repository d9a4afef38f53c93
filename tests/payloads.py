"""What a person, or a program that they were given, may write where Gradtrace shows text."""

from __future__ import annotations

import unicodedata

PAYLOADS: dict[str, str] = {
    "quote": 'a"b',
    "apostrophe": "a'b",
    "attribute": '" URL="javascript:alert(1)',
    "on attribute": 'a" onload="alert(1)',
    "ends a DOT list": "] evil [",
    "ends a DOT graph": '"]; } digraph x { y [label="',
    "script tag": "<script>alert(1)</script>",
    "svg tag": "<svg onload=alert(1)>",
    "ends text": "</text><script>alert(1)</script>",
    "ends title": "</title></svg><img src=x onerror=alert(1)>",
    "comment and CDATA": "]]> <!-- <![CDATA[",
    "processing": "<?xml version='1.0'?><!DOCTYPE x>",
    "ampersand": "a&b",
    "unknown entity": "&bogus; &nbsp;",
    "typed entities": "&lt; &#60; &amp;lt;",
    "bold": "<b>bold</b>",
    "HTML label": "<<b>x</b>>",
    "HTML link": 'x</TD><TD HREF="javascript:alert(1)">',
    "HTML table": "<<TABLE HREF='x'><TR><TD>y</TD></TR></TABLE>>",
    "colon": "javascript:alert(1)",
    "port": "a:b:ne",
    "DOT escapes": "\\n \\N \\G \\E \\T \\H \\L \\l \\r \\\\",
    "trailing backslash": "trailing \\",
    "backslash and quote": '\\"',
    "record": "{a|<b> c}",
    "DOT word": "node",
    "DOT arrow": "a -> b; //c /* d */ # e",
    "percent": "%(x)s %s %n {x} {0!r} $HOME",
    "markup": "[red]x[/red] [link=http://x]y[/] :smile:",
    "ANSI": "a\x1b[31m\x1b]8;;http://x\x07b\x9b2J",
    "U+0001": "a\x01b",
    "NUL": "a\x00b",
    "delete": "a\x7fb",
    "newlines": "a\nb\r\nc\u2028d\u2029e\x85f\x0bg\x0ch",
    "tab": "a\tb",
    "not characters": "a\ufffeb\uffffc",
    "byte order mark": "\ufeffa",
    "lone surrogates": "a\ud800b\udfffc",
    "turned": "abc\u202edef\u202c",
    "isolates": "\u2066a\u2069 \u2067b \u2068c",
    "embeddings": "\u202aa\u202b b\u202dc",
    "marks of direction": "\u200ea\u200fb\u061cc",
    "emoji": "🙂 👩‍👩‍👧 🏳️‍🌈",
    "Japanese": "重み",
    "Arabic": "وزن",
    "Hebrew": "משקל",
    "combining": "e\u0301 Z\u0351\u0322\u0489a",
    "beyond": "𝛼 \U0010fffd \U000e0001",
    "blanks around": "  a  b  ",
    "a blank": " ",
    "empty": "",
    "dots": "..a..b",
    "path": "../../etc/passwd",
    "formula": "=1+1",
    "command": "@SUM(1) +cmd|' /C calc'!A0",
    "minus": "-1",
    "long": "x" * 10_000,
    "long and odd": '"<&\\\x00' * 2_000,
    "long word": "重" * 300,
}

_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_ODD = "\u061c\u200e\u200f\ufeff\ufffe\uffff"


def signs(text: str) -> str:
    """Show control characters, line ends, lone surrogates, what XML forbids and what turns a text's direction as a
    sign: a second telling of the rule, character by character."""
    shown = ""
    for character in text:
        unsafe = unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _ODD
        unsafe = unsafe or unicodedata.bidirectional(character) in _TURNS
        shown += f"‹U+{ord(character):04X}›" if unsafe else character
    return shown


def is_shown(shown: str, text: str) -> bool:
    """Tell whether this is the text with its signs, whole or, where it is longer than a line, shortened."""
    whole = signs(text)
    return shown == whole or (len(whole) > 20 and len(shown) > 10 and shown[-1] == "…" and whole.startswith(shown[:-1]))
