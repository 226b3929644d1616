"""Charts of a study that are drawn one by one."""

from study_case import alpha, study, variant

from facemtl.studies.report.charts import (
    VERDICTS,
    Line,
    difference_chart,
    line_chart,
)
from facemtl.studies.report.drawing import looks, short
from facemtl.studies.report.sharing import alpha_charts
from facemtl.studies.report.tables import confusion_table


def drawn_alpha(streams, channels):
    made = variant("a") | {"alpha": alpha(streams, channels)}
    (chart,) = alpha_charts(study({"": [made]}))
    return chart.svg


def test_alpha_of_two_and_of_three_streams():
    two, three = drawn_alpha(2, 5), drawn_alpha(3, 5)
    assert "α₁₂" in two and "αᵢⱼ" not in two
    assert "αᵢⱼ" in three and "α₁₂" not in three
    assert three.count(">own, αᵢᵢ<") == 1
    assert drawn_alpha(2, 1)  # one α a stage
    assert alpha_charts(study({"": [variant("a")]})) == []


def test_lines_of_one_name_are_in_the_legend_once():
    lines = [Line("both", [0, 1], [i, 2], {}) for i in range(2)]
    panels = {"left": lines, "right": lines}
    made = line_chart("label", panels, ("epochs", "α"), ylim=(0, 3))
    assert made.count(">both<") == 1 and made.count(">epochs<") == 2
    assert line_chart("label", {"": []}, ("", "")) == ""


def test_confusions_are_percent_of_the_true_class():
    counts = {"yes": {"yes": 3, "no": 1}, "no": {"yes": 0, "no": 0}}
    made = confusion_table(counts, "x")
    rows = [[str(cell) for cell in row] for row in made.rows]
    assert rows == [["yes", "75 %\n3", "25 %\n1"], ["no", "–", "–"]]
    assert [cell.share for cell in made.rows[0][1:]] == [0.75, 0.25]


def test_looks_differ_and_long_names_are_cut():
    found = looks(str(i) for i in range(32)).values()
    assert len({(x["color"], x["linestyle"]) for x in found}) == 32
    names = [short(f"a name much too long for a line, {i}", 15) for i in "12"]
    assert names == ["a name …line, 1", "a name …line, 2"]
    assert {len(name) for name in names} == {15}


def test_verdicts_have_their_own_color():
    made = {}
    part = {"difference": -0.1, "low": -0.3, "high": -0.05}
    for word in ("better", "worse"):
        panel = {"other": part | {"verdict": word}}
        made[word] = difference_chart("label", {"minus single": panel}, "error")
        assert VERDICTS[word][0] in made[word] and f">{word}<" in made[word]
        assert ">−0.10<" in made[word] and ">other<" in made[word]
    assert VERDICTS["better"][0] not in made["worse"]
    assert difference_chart("label", {}, "error") == ""
