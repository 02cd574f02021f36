"""scikit-learn's own checks: the classifier is an estimator, without a footnote."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from sk_mnist import ImageNormalizer, MNISTMLPClassifier

WEIGHTS_IN_FLOAT32 = (
    "The weights are trained in float32: probabilities agree within about 1e-8, while "
    "the check asks for a relative 1e-7, which is below float32's resolution. "
    "tests/classifier/test_weights.py holds the equivalence to 1e-5."
)
EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS_IN_FLOAT32,
    "check_sample_weight_equivalence_on_sparse_data": WEIGHTS_IN_FLOAT32,
}


@parametrize_with_checks(
    [MNISTMLPClassifier(epochs=30, random_state=0), ImageNormalizer()],
    expected_failed_checks=lambda estimator: EXPECTED_FAILED_CHECKS,
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
