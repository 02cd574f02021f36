"""A network goes on training under `tf.distribute`, and comes back."""

from sklearn.metrics import log_loss

from sk_mnist import MNISTMLPClassifier


def test_network_goes_on_under_a_strategy_and_comes_back(fitted, digits):
    import tensorflow as tf

    X, y = digits
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = fitted.to_keras()
    model.fit(X, y, batch_size=200, epochs=2, shuffle=False, verbose=0)
    adopted = MNISTMLPClassifier.from_keras(model, classes=fitted.classes_)
    before, after = (log_loss(y, c.predict_proba(X)) for c in (fitted, adopted))
    assert after < before
