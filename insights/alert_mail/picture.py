"""The months of a shop as a picture that mail programs show: a PNG, drawn from the tab's chart."""

from typing import Final

import fontpkg
import resvg_py
from django.template.loader import render_to_string
from django.utils import translation

from insights.charts.history import scores_chart
from insights.reports.months import History

FONT: Final = "Fira Sans"
WEIGHTS: Final = ("regular", "semibold")
WIDTH: Final = 820
SHARPNESS: Final = 2  # pixels of the picture for one on the screen


def history_picture(history: History) -> bytes:
    """Return the scores of all months as a PNG, with its words in the active language."""
    chart = scores_chart(history, chosen=history.running)
    drawing = render_to_string("insights/email/history.svg", {"chart": chart, "width": WIDTH})
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawing,
            zoom=SHARPNESS,
            background="#ffffff",
            skip_system_fonts=True,
            font_files=[str(fontpkg.path(FONT, weight)) for weight in WEIGHTS],
            font_family=FONT,
            sans_serif_family=FONT,
            languages=[translation.get_language() or "en"],
        )
    )
