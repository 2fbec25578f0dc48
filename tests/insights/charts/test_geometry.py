from insights.charts.geometry import Span


def test_span_knows_its_middle() -> None:
    assert Span.between(10, 25) == Span(10, 15)
    assert Span(10, 15).centre == 17.5
