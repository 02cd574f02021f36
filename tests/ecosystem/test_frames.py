"""DataFrames of pandas and polars: names of columns are kept and checked."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from networks import small
from old_versions import fails_before
from sk_mnist import ImageNormalizer

NAMES = [f"pixel{i}" for i in range(1, 785)]


def make_pandas(X):
    return pd.DataFrame(X, columns=NAMES)


def make_polars(X):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    return polars.DataFrame(X, schema=NAMES)


POLARS = fails_before("scikit-learn", "1.9", "reads no frames of today's polars")


@pytest.fixture(
    params=[
        pytest.param(make_pandas, id="pandas"),
        pytest.param(make_polars, id="polars", marks=POLARS),
    ]
)
def frame(request, sample_digits):
    return request.param(sample_digits.data[:200])


@pytest.fixture
def fitted_on_frame(frame, sample_digits):
    pipeline = make_pipeline(ImageNormalizer(), small(epochs=1))
    return pipeline.fit(frame, sample_digits.target[:200])


def test_frame_is_read_as_the_array(frame, fitted_on_frame, sample_digits):
    X, y = sample_digits.data[:200], sample_digits.target[:200]
    of_array = make_pipeline(ImageNormalizer(), small(epochs=1)).fit(X, y)
    assert_array_equal(fitted_on_frame.predict_proba(frame), of_array.predict_proba(X))
    assert fitted_on_frame.feature_names_in_.tolist() == NAMES


def test_columns_in_another_order_are_refused(frame, fitted_on_frame):
    with pytest.raises(ValueError, match="feature names should match"):
        fitted_on_frame.predict(frame[NAMES[::-1]])


def test_names_that_are_missing_get_a_warning(fitted_on_frame, sample_digits):
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        fitted_on_frame.predict(sample_digits.data[:3])


@pytest.mark.parametrize("container", ["pandas", pytest.param("polars", marks=POLARS)])
def test_set_output(sample_digits, container):
    library = pytest.importorskip(container, reason=f"{container} is not installed")
    X, y = sample_digits.data[:200], sample_digits.target[:200]
    pipeline = make_pipeline(ImageNormalizer(), small(epochs=1))
    pipeline.set_output(transform=container).fit(X, y)
    rows = pipeline[0].transform(X)
    assert isinstance(rows, library.DataFrame)
    assert list(rows.columns) == NAMES
    assert pipeline[1].feature_names_in_.tolist() == NAMES
    assert_array_equal(np.asarray(rows), X / np.float32(255))
