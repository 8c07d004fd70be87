"""What a notebook shows of an analysis: all of it, as text, and with no effect on the notebook around it."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from spotter.coach.analysis import Fault, Hold, NotJudged
from tests.report.material import CAVING, analysis, plank, rep, squats

NASTY = "<script>alert(1)</script>"


def test_it_shows_reps_faults_and_attempts() -> None:
    html = analysis(squats(1), squats(2))._repr_html_()
    assert html.count("<path") == 8
    assert html.count('class="spotter-attempt"') == html.count('class="spotter-danger"') == 2
    assert "knees cave in" in html and "Person 2: 3 repetitions" in html and "nan" not in html.lower()


def test_a_display_formatter_of_ipython_takes_it() -> None:
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    found = analysis(squats())
    data, _ = formatters.DisplayFormatter().format(found)
    assert data["text/html"] == found._repr_html_()


def test_whatever_a_name_holds_is_shown_as_text() -> None:
    fault = Fault(NASTY, "warning", 3.0, 1.0, 2.0, NASTY, NASTY)
    person = replace(
        squats(),
        view=NASTY,
        sets=(replace(squats().sets[0], reps=(replace(rep(1), faults=(fault,)),)),),
        summary=(NASTY,),
        not_judged=(NotJudged(NASTY, f'"{NASTY}'),),
    )
    html = analysis(person, name=NASTY, stem=NASTY)._repr_html_()
    assert "<script" not in html and 'title="&#34;&lt;script&gt;' in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 5


def test_it_loads_nothing_runs_nothing_and_keeps_to_itself() -> None:
    html = analysis(squats(), plank())._repr_html_()
    assert not re.search(r"<script|https?:|url\(|@import|\bsrc=|\bhref=|\bid=|\bon[a-z]+=", html)
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{(.*)\}", r"\1", style))
    assert len(rules) > 15
    assert [rule for rule in rules if ".spotter-analysis" not in rule] == []
    names = " ".join(re.findall('class="([^"]*)"', html)).split()  # nor does the notebook's style reach in
    assert [name for name in names if not name.startswith("spotter-")] == []


def test_it_copes_with_nothing() -> None:
    assert "No exercise was recognised" in analysis(name=None)._repr_html_()
    unknown = replace(rep(1), range_deg=math.nan, score=math.nan)
    html = analysis(replace(squats(), sets=(replace(squats().sets[0], reps=(unknown,)),)))._repr_html_()
    assert "<path" not in html and "1 repetition<" in html and "nan" not in html.lower()
    instant = replace(plank(), holds=(Hold(2.0, 2.0, (CAVING,)),))
    assert "held 0.0 s" in analysis(instant, name="plank")._repr_html_()
