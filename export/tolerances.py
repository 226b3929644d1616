"""The tolerated differences between a format and the original network."""

from facemtl.export.format_check import FormatCheck

# Largest difference of a point in pixels of the crop, of a probability, and of
# a value in spreads of its labels.
EXACT = {"float32": (0.01, 0.001, 0.001), "float16": (0.05, 0.01, 0.01)}
QUANTIZED = ("dynamic", "int8")
# Largest loss of a quantized network: NME-box in percentage points, accuracy
# in percentage points, and mean absolute error of values in spreads of the
# labels.
ERROR, ACCURACY, VALUE = 0.1, 1.0, 0.02


def fault(check: FormatCheck, reference: FormatCheck) -> str:
    """Return the differences that exceed their tolerance; "" if none.

    Args:
        check: comparison of a format.
        reference: comparison of the Keras network.
    """
    if any(kind in check.file for kind in QUANTIZED):
        return _worse(check, reference)
    kind = "float16" if "float16" in check.file else "float32"
    faults = []
    for name, difference, limit in zip(
        ("point", "probability", "value"),
        (check.points, check.probabilities, check.values),
        EXACT[kind],
        strict=True,
    ):
        if difference and not difference[1] <= limit:
            faults.append(f"a {name} differs by {difference[1]:.3g} > {limit}")
    return ", ".join(faults)


def _worse(check: FormatCheck, reference: FormatCheck) -> str:
    faults = []
    for name, mine, other, limit in (
        ("error", check.error, reference.error, ERROR),
        ("accuracy", reference.accuracy, check.accuracy, ACCURACY),
        ("values", check.value_error, reference.value_error, VALUE),
    ):
        if mine is not None and other is not None and mine - other > limit:
            faults.append(f"{name} worse by {mine - other:.2f} > {limit}")
    return ", ".join(faults)
