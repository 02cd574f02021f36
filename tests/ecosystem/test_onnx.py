"""Fitted pipelines, converted to ONNX, give the same answers in onnxruntime."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import sk_mnist._network
from networks import small
from sk_mnist import (
    DigitFramer,
    ElasticDeformation,
    ImageNormalizer,
    MNISTMLPClassifier,
    recipes,
)

pytest.importorskip("skl2onnx", reason="the extra `onnx` is not installed")
onnxruntime = pytest.importorskip(
    "onnxruntime", reason="the extra `onnx` is not installed"
)

from skl2onnx import to_onnx
from sklearn.pipeline import make_pipeline

import sk_mnist.onnx  # registers the converters

LETTERS = np.array(list("abcdefghij"))


def run(model, X):
    """Labels and probabilities of an ONNX model."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (pixels,) = session.get_inputs()
    return session.run(None, {pixels.name: X})


def assert_converted(estimator, X):
    """onnxruntime gives the estimator's labels and probabilities."""
    model = to_onnx(estimator, X[:1], options={"zipmap": False})
    labels, probabilities = run(model, X)
    assert_array_equal(labels, estimator.predict(X))
    assert_allclose(probabilities, estimator.predict_proba(X), atol=1e-5)


@pytest.fixture(scope="module")
def images(sample_digits):
    """Raw images, and a pipeline of ours that was fitted on 300 of them."""
    X, y = sample_digits.images, sample_digits.target
    pipeline = make_pipeline(ImageNormalizer(), small(learning_rate=0.01))
    return X, pipeline.fit(X[:300], y[:300])


def test_pipeline_of_bytes(fitted_pipeline, sample_digits):
    assert_converted(fitted_pipeline, sample_digits.data)


def test_pipeline_of_images(images):
    X, pipeline = images
    assert_converted(pipeline, X)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", ["rows", "images"])
def test_pipeline_of_floats(images, dtype, layout):
    X, pipeline = images
    shape = (len(X), -1) if layout == "rows" else X.shape
    assert_converted(pipeline, X.reshape(shape).astype(dtype))


def test_normalizer_alone(images):
    X, pipeline = images
    normalizer = pipeline[0]
    (rows,) = run(to_onnx(normalizer, X[:1]), X)
    assert_array_equal(rows, normalizer.transform(X))


@pytest.mark.parametrize("activation", sorted(sk_mnist._network.ACTIVATIONS))
def test_activation(digits, activation):
    start = keras.initializers.GlorotUniform(seed=0)
    model = keras.Sequential(
        [keras.Input((64,))]
        + [
            keras.layers.Dense(units, activation, kernel_initializer=start)
            for units, activation in [
                (16, activation),
                (8, activation),
                (10, "softmax"),
            ]
        ]
    )
    assert_converted(MNISTMLPClassifier.from_keras(model), 8 * digits[0])


def test_no_hidden_layer(digits):
    assert_converted(small(hidden_units=()).fit(*digits), digits[0])


@pytest.mark.parametrize(
    "encode",
    [
        lambda y: LETTERS[y],
        lambda y: LETTERS.astype(object)[y],
        lambda y: y.astype(np.int8) - 3,
        lambda y: y > 4,
    ],
    ids=["strings", "objects", "small integers", "booleans"],
)
def test_labels(digits, encode):
    X, y = digits
    assert_converted(small().fit(X, encode(y)), X)


def test_labels_of_floats_are_refused(digits):
    X, y = digits
    classifier = small(epochs=1).fit(X, y.astype(float))
    with pytest.raises(ValueError, match="integers or strings"):
        to_onnx(classifier, X[:1])


def test_probabilities_by_label_as_skl2onnx_gives_them(digits):
    X, y = digits
    classifier = small().fit(X, LETTERS[y])
    _, (first, *_) = run(to_onnx(classifier, X[:1]), X)
    expected = dict(zip(LETTERS, classifier.predict_proba(X[:1])[0], strict=True))
    assert first == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("dtype", "labels"), [("uint8", np.arange(10)), ("float64", LETTERS)]
)
def test_committee(sample_digits, dtype, labels):
    X, y = sample_digits.data.astype(dtype), labels[sample_digits.target]
    committee = recipes.build(
        "committee",
        hidden_units=16,
        epochs=2,
        augmentation=None,
        test_time_augmentation=0,
        random_state=0,
    ).fit(X[:300], y[:300])
    assert_converted(committee, X)


def test_test_time_augmentation_is_refused_and_told_how_to_leave_out(digits):
    X, y = digits
    classifier = small(
        epochs=1, augmentation=ElasticDeformation(), test_time_augmentation=2
    ).fit(X, y)
    with pytest.raises(NotImplementedError, match="test_time_augmentation=0"):
        to_onnx(classifier, X[:1])
    assert_converted(classifier.set_params(test_time_augmentation=0), X)


def test_framer_is_refused_with_what_to_convert_instead(images):
    X, pipeline = images
    reader = make_pipeline(DigitFramer(), *pipeline).fit(X[:60], np.arange(60) % 10)
    with pytest.raises(NotImplementedError, match=r"pipeline\[1:\]"):
        to_onnx(reader, X[:1])
    assert_converted(reader[1:], reader[:1].transform(X[:20]))


def test_missing_skl2onnx_says_what_to_install(run_python):
    completed = run_python(
        "import sys; sys.modules['skl2onnx'] = None; import sk_mnist.onnx"
    )
    assert "pip install skl2onnx" in completed.stderr
