"""The limit: the same training as one bare loop that XLA compiles.

No framework's optimizer, metrics or callbacks; the data is resident, and a call is an
epoch. Adam after Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015).
"""

import numpy as np

from sk_mnist._keras._backend import tf

from .peers import EPSILON, HIDDEN_UNITS, LEARNING_RATE, N_CLASSES

BETA_1, BETA_2 = 0.9, 0.999


class XLALoop:
    """A network that is trained an epoch a call."""

    def __init__(self, X, y, batch_size: int, seed: int) -> None:
        self._X, self._y = tf.constant(X), tf.constant(y, tf.int32)
        self._batch_size = batch_size
        self._random = np.random.default_rng(seed)
        self._variables = []
        for fan_in, fan_out in ((X.shape[1], HIDDEN_UNITS), (HIDDEN_UNITS, N_CLASSES)):
            limit = np.sqrt(6 / (fan_in + fan_out))
            coef = self._random.uniform(-limit, limit, (fan_in, fan_out))
            self._variables.append(tf.Variable(coef, dtype=tf.float32))
            self._variables.append(tf.Variable(tf.zeros(fan_out)))
        self._means = [tf.Variable(tf.zeros_like(v)) for v in self._variables]
        self._squares = [tf.Variable(tf.zeros_like(v)) for v in self._variables]
        self._step = tf.Variable(0.0)

    def _logits(self, X):
        coef_1, intercept_1, coef_2, intercept_2 = self._variables
        return tf.nn.relu(X @ coef_1 + intercept_1) @ coef_2 + intercept_2

    def _train_on_batch(self, rows):
        X, y = tf.gather(self._X, rows), tf.gather(self._y, rows)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(y, self._logits(X))
            )
        gradients = tape.gradient(loss, self._variables)
        self._step.assign_add(1)
        unbiased = tf.sqrt(1 - BETA_2**self._step) / (1 - BETA_1**self._step)
        moments = zip(
            self._variables, self._means, self._squares, gradients, strict=True
        )
        for variable, mean, square, gradient in moments:
            mean.assign_add((1 - BETA_1) * (gradient - mean))
            square.assign_add((1 - BETA_2) * (gradient**2 - square))
            change = mean / (tf.sqrt(square) + EPSILON)
            variable.assign_sub(LEARNING_RATE * unbiased * change)

    @tf.function(jit_compile=True, autograph=False)
    def _train_on_batches(self, batches):
        def train_on(number):
            self._train_on_batch(batches[number])
            return (number + 1,)

        n_batches = batches.shape[0]
        tf.while_loop(lambda number: number < n_batches, train_on, (tf.constant(0),))

    def train_epoch(self) -> None:
        """See every digit once; a rest that fills no batch is left out."""
        n_batches = len(self._y) // self._batch_size
        order = self._random.permutation(len(self._y))[: n_batches * self._batch_size]
        batches = order.reshape(n_batches, self._batch_size)
        self._train_on_batches(tf.constant(batches, tf.int32))
        self._step.numpy()  # waits for the last batch

    def predict_proba(self, X):
        """Probabilities of each class."""
        return tf.nn.softmax(self._logits(tf.constant(X))).numpy()
