"""A study of variants."""

from facemtl.config import check_whole
from facemtl.studies.study import MOST_SEEDS, load_study

from ..oracle import unless_refused, whole, written

SEEDS = (
    whole("study"),
    b'[[variants]]\nname = "a"\nsettings = { train.epochs = 2 }\n',
    b'[[variants]]\nname = "{} {}"\n'
    b'each = { "train.seed" = [1, 2], "model.width" = [1.0, 0.5] }\n',
)


def one_input(data: bytes) -> None:
    """Each variant has a name of its own and a whole configuration."""
    study = unless_refused(load_study, written(data, "study.toml"))
    if study is None:
        return
    names = [(variant.group, variant.name) for variant in study.variants]
    assert len(names) == len(set(names)) > 0
    assert 1 <= study.seeds <= MOST_SEEDS
    assert set(study.baselines) <= {name for _, name in names}
    for variant in study.variants[:20]:
        check_whole(variant.config)
