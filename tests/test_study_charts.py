"""Charts of a study that are drawn one by one."""

from xml.etree import ElementTree

from html_case import Page
from study_case import alpha, variant

from facemtl.studies.report.bar_charts import landmark_bars
from facemtl.studies.report.charts import Axis, cost_chart
from facemtl.studies.report.confusion import matrix
from facemtl.studies.report.difference_chart import VERDICTS, difference_chart
from facemtl.studies.report.sharing_charts import alpha_chart
from facemtl.studies.report.style import looks, short


def test_alpha_of_two_and_of_three_streams():
    two, three = (alpha_chart(alpha(n, 5), "title") for n in (2, 3))
    assert "α₁₂" in two and "αᵢⱼ" not in two
    assert "αᵢⱼ" in three and "α₁₂" not in three
    # One α a stage, and the seeds together, are drawn too.
    assert alpha_chart({}, "title") == ""


def test_many_points_become_lines():
    many = variant("many")
    part = many["landmarks"]["test"]["left eye"]
    many["landmarks"]["test"] = {f"p{i}": part for i in range(68)}
    shown = looks(["many"])
    drawn = landmark_bars([many], "test", "mean_error_box", shown, "title")
    assert "p2<" in drawn and drawn.count("<text") < 60


def test_confusions_are_percent_of_the_true_class():
    cells = matrix({"yes": {"yes": 3, "no": 1}, "no": {"yes": 0, "no": 0}}, "x")
    rows = Page(cells).rows
    assert rows[1:] == [["yes", "75 %3", "25 %1"], ["no", "–", "–"]]


def test_looks_differ_and_long_names_end():
    found = looks(str(i) for i in range(32))
    assert len({(x.color, x.dash) for x in found.values()}) == 32
    lines = short("a very long name that goes on and on and on", 10).split("\n")
    assert len(lines) == 3 and max(map(len, lines)) <= 10
    assert lines[-1].endswith("…")


def test_verdicts_have_their_own_color():
    axis = Axis("mean_error_box", "error")
    drawn = {}
    for word in ("better", "worse"):
        other = variant("other", against=("single",))
        other["against"]["single"]["test"]["mean_error_box"]["verdict"] = word
        drawn[word] = difference_chart(
            [other], "test", axis, ["single"], "title"
        )
        assert VERDICTS[word][0] in drawn[word] and f">{word}<" in drawn[word]
    assert VERDICTS["better"][0] not in drawn["worse"]
    assert difference_chart([variant("a")], "test", axis, ["b"], "title") == ""


def test_points_of_equal_cost_stand_apart():
    variants = [variant("a"), variant("b"), variant("c")]
    axis = Axis("mean_error_box", "error")
    shown = looks("abc")
    drawn = cost_chart(variants, "test", axis, shown, "title")
    uses = [
        float(use.get("x"))
        for use in ElementTree.fromstring(drawn).iter("use")
        if use.get("x")
    ]
    # Each has a marker in the chart and one in the legend.
    assert len(uses) == len(set(uses)) == 6
