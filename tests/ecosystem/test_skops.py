"""Pipelines in skops's format, for sharing models with people you do not know."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from networks import assert_same_network, small
from sk_mnist import DigitFramer, ElasticDeformation, ImageNormalizer, recipes

io = pytest.importorskip("skops.io", reason="the extra skops is not installed")

from sklearn.pipeline import make_pipeline

PIPELINE = {"sk_mnist.ImageNormalizer", "sk_mnist.MNISTMLPClassifier"}
READER = PIPELINE | {"sk_mnist.DigitFramer"}
DEFORMATION = {"sk_mnist.ElasticDeformation"}  # the value of the parameter augmentation


def reloaded(model, trusted):
    """The model, written and read; it must hold just the types that are trusted."""
    content = io.dumps(model)
    assert set(io.get_untrusted_types(data=content)) == trusted
    return io.loads(content, trusted=sorted(trusted))


@pytest.mark.parametrize("labels", [int, str])
def test_a_reader_of_photos(sample_digits, labels):
    X, y = sample_digits.images[:100], sample_digits.target[:100].astype(labels)
    network = small(
        epochs=1,
        augmentation=ElasticDeformation(),
        validation_split=0.2,
        class_weight="balanced",
        random_state=np.random.RandomState(0),
    )
    reader = make_pipeline(DigitFramer(), ImageNormalizer(), network).fit(X, y)
    loaded = reloaded(reader, READER | DEFORMATION)
    assert_array_equal(loaded.predict_proba(X), reader.predict_proba(X))
    assert_array_equal(loaded.predict(X), reader.predict(X))


def test_without_deformations_only_the_steps_are_ours(fitted_pipeline, sample_digits):
    loaded = reloaded(fitted_pipeline, PIPELINE)
    X = sample_digits.data[:50]
    assert_array_equal(loaded.predict_proba(X), fitted_pipeline.predict_proba(X))
    photos = sample_digits.images[:50]
    reader = make_pipeline(DigitFramer(), ImageNormalizer(), small(epochs=1)).fit(
        photos, sample_digits.target[:50]
    )
    reloaded(reader, READER)


def test_a_committee_needs_one_name_of_scikit_learn_more(sample_digits):
    X, y = sample_digits.data[:100], sample_digits.target[:100]
    committee = recipes.build("committee", hidden_units=16, epochs=2).fit(X, y)
    loaded = reloaded(
        committee, PIPELINE | DEFORMATION | {"sklearn.utils._bunch.Bunch"}
    )
    assert_array_equal(loaded.predict_proba(X), committee.predict_proba(X))


def test_training_goes_on_from_the_file_to_the_bit(digits):
    X, y = digits
    classifier = small().partial_fit(X, y, classes=range(10))
    loaded = reloaded(classifier, {"sk_mnist.MNISTMLPClassifier"})
    assert_same_network(loaded.partial_fit(X, y), classifier.partial_fit(X, y))
