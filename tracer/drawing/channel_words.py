"""What a picture of channels says in words."""

from __future__ import annotations

from collections.abc import Sequence

from tracer import quantities
from tracer.convolution.by_channel import Sum
from tracer.convolution.chosen import Chosen, Numbers
from tracer.convolution.layer import Settings
from tracer.convolution.reads import batched
from tracer.drawing.cells import line
from tracer.drawing.display_list import Text
from tracer.drawing.font_widths import width as text_width
from tracer.drawing.matrix_words import gave, unknown

SIDES = ("left", "right")  # the channels of a stereo signal
SIZE = 12.0


def element(chosen: Chosen) -> str:
    """Write the element that is taken apart: y[0, 1, 2], or x.grad[0, 0, 3]."""
    forward = chosen.leads == "output"
    index = chosen.output if forward else chosen.input
    return f"{'y' if forward else 'x.grad'}[{', '.join(map(str, index))}]"


def waiting(settings: Settings, chosen: Chosen, numbers: Numbers) -> str:
    """Say why there are no numbers."""
    return f"{element(chosen)} of this {settings.layer}. {unknown(numbers.fresh)}"


def captions(settings: Settings, chosen: Chosen, found: Sum, shown: range) -> tuple[str, ...]:
    """Say what is shown, in more words and in fewer."""
    forward, parts = chosen.leads == "output", found.parts
    thing = "channel" if forward else "kernel"
    first, last = parts[0].channel, parts[-1].channel
    here = parts[shown.start].channel, parts[min(shown.stop, len(parts)) - 1].channel
    span = f"{thing} {here[0]}" if here[0] == here[1] else f"{thing}s {here[0]}–{here[1]}"
    many = "" if here == (first, last) else f" of {first}–{last}"
    if not parts[0].patch.size:
        return (f"{element(chosen)}: no {'input' if forward else 'output'} {'reaches' if forward else 'reads'} it.",)
    if forward:
        kernel = batched(settings, chosen.output)[1]
        long = f"{element(chosen)}: the scalar product of kernel {kernel} with each channel's patch of x; {span}{many}"
    else:
        long = f"{element(chosen)}: what each kernel passes back from y.grad through its weights; {span}{many}"
    return long, f"{element(chosen)}: {span}{many}", element(chosen)


def title(settings: Settings, channel: int, forward: bool) -> str:
    """Name a part: a channel of x, left or right where there are two in one dimension; or a kernel."""
    if not forward:
        return f"kernel {channel}"
    stereo = settings.dims == 1 and settings.in_channels == len(SIDES) and not settings.transposed
    return f"channel {channel} ({SIDES[channel]})" if stereo else f"channel {channel}"


def place(settings: Settings, chosen: Chosen) -> str:
    """Say what stands in the row of elements at the same place."""
    return "All kernels here: y" if chosen.leads == "output" else "All channels here: x.grad"


def strip(settings: Settings, chosen: Chosen, found: Sum, most: float) -> tuple[str, tuple[str, ...]]:
    """Write the sum of the scalar products as far as it fits; and in more or fewer words what torch gave."""
    named, end = element(chosen), gave(found.gave, found.agreement, settings.dtype)
    forward = chosen.leads == "output"
    whole = quantities.number(found.whole, settings.dtype)
    products = [part.product for part in found.parts]
    terms = [quantities.factor(quantities.number(value, settings.dtype)) for value in products]
    added = [] if found.bias is None else [quantities.factor(quantities.number(found.bias, settings.dtype))]
    sign = "=" if all(value.is_integer() for value in (*products, found.bias or 0.0)) else "≈"
    text = f"{named} = {whole}"
    for written in (len(terms), 10, 8, 6, 4, 3, 2, 1):
        if len(terms) + len(added) > 1 and written <= len(terms):
            longer = f"{named} = {' + '.join([*_shortened(terms, written), *added])} {sign} {whole}"
            if text_width(longer, SIZE, "mono") <= most:
                text = longer
                break
    of = f"{quantities.count(len(terms))} {'channel' if forward else 'kernel'}{'' if len(terms) == 1 else 's'}"
    summed = f"Summed over {of}{', and the bias added' if added else ''}. {end}"
    return text, (summed, end, end.replace(", the same within rounding", ""))


def _shortened(terms: Sequence[str], written: int) -> list[str]:
    if written >= len(terms):
        return list(terms)
    last = written // 4
    return [
        *terms[: written - last],
        f"… ({quantities.count(len(terms) - written)} more)",
        *(terms[-last:] if last else ()),
    ]


def fitting(ways: Sequence[str], x: float, y: float, most: float) -> Text:
    """Write the first of some ways to say a thing that there is room for."""
    return line(x, y, next((way for way in ways if text_width(way, SIZE) <= most), ""), colour="muted")
