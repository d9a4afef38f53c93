"""Facts and a folded graph → what colours each box, with a legend."""

from __future__ import annotations

from typing import Literal

Colour = Literal["none", "gradient", "bytes", "dtype", "device"]
