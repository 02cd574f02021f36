"""Many batches in one compiled call.

Blocks of batches have a fixed size, whatever the number of rows, so that another number
of rows compiles nothing; the last batches of an epoch fill a part of a block, and the
last batch is padded with rows of weight 0.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._deformation import Deformation
from .._network import Network
from .._plan import TrainingData
from .._rows import take_rows
from ._backend import keras, tf
from ._compile import (
    copy_optimizer,
    has_settable_rate,
    takes_codes,
)
from ._deformation import deform_batch
from ._model import build_sequential

# How random numbers are drawn in a function that XLA compiles, and in one that it does
# not. XLA turns the first into vector instructions; the one that it would choose itself
# takes a hundred times as long. Without XLA, processors have the second alone.
RANDOM_ALGORITHMS = {True: "threefry", False: "philox"}

# TensorFlow reads the rows in place if they start on such a boundary, in bytes.
ALIGNMENT = 64


def aligned_array(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An array that TensorFlow reads in place; what is not filled costs no memory."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.empty(n_bytes + ALIGNMENT, dtype=np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + n_bytes].view(dtype).reshape(shape)


def shared_tensor(array: NDArray[Any]) -> Any:
    """A tensor on the memory of an aligned array."""
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


class Block:
    """Room for a fixed number of batches, filled in NumPy and read by TensorFlow."""

    def __init__(self, n_batches: int, batch_size: int, n_features: int) -> None:
        self.batch_size = batch_size
        self.n_rows = n_batches * batch_size
        arrays = (
            aligned_array((n_batches, batch_size, n_features), np.float32),
            aligned_array((n_batches, batch_size), np.int32),
            aligned_array((n_batches, batch_size), np.float32),
        )
        self.tensors = [shared_tensor(array) for array in arrays]
        self._X = arrays[0].reshape(self.n_rows, n_features)
        self._codes, self._weights = (array.reshape(-1) for array in arrays[1:])

    def fill(self, data: TrainingData, rows: NDArray[np.intp]) -> int:
        """Gather these rows, pad the last batch, and return the number of batches."""
        n_batches = -(-len(rows) // self.batch_size)
        filled, padding = (
            slice(len(rows)),
            slice(len(rows), n_batches * self.batch_size),
        )
        take_rows(data.X, rows, out=self._X[filled])
        np.take(data.codes, rows, out=self._codes[filled], mode="clip")
        np.take(data.sample_weight, rows, out=self._weights[filled], mode="clip")
        for array in (self._X, self._codes, self._weights):
            array[padding] = 0
        return n_batches


class CompiledNetwork:
    """A Keras model with its optimizer, and the function that trains it on a block."""

    def __init__(
        self,
        network: Network,
        optimizer: Any,
        loss: Any,
        deformation: Deformation | None,
        batch_size: int,
        batches_per_block: int,
    ) -> None:
        self.network = network
        self.loss = loss
        self._takes_codes = takes_codes(loss)
        self.deformation = deformation
        self.batch_size = batch_size
        self.batches_per_block = batches_per_block
        self.model = build_sequential(network)
        self.model.compile(
            optimizer=optimizer,
            loss=loss,
            weighted_metrics=["accuracy"],
            jit_compile=False,  # of validation, whose shapes vary
            auto_scale_loss=False,
        )
        optimizer.build(self.model.trainable_variables)
        self._try_loss_and_metrics()
        self._sets_learning_rate = has_settable_rate(optimizer)
        self.train_on_block = self._compile()

    def optimizer_variables(self) -> list[NDArray[Any]]:
        return [variable.numpy() for variable in self.model.optimizer.variables]

    def set_optimizer_variables(self, arrays: Sequence[NDArray[Any]]) -> None:
        variables = self.model.optimizer.variables
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def reset_optimizer(self) -> None:
        """Start afresh from the present weights, which some optimizers remember."""
        fresh = copy_optimizer(self.model.optimizer)
        fresh.build(self.model.trainable_variables)
        self.set_optimizer_variables([variable.numpy() for variable in fresh.variables])

    @property
    def learning_rate(self) -> float:
        """The optimizer's rate; 0, and not used, where it brings rates of its own."""
        if not self._sets_learning_rate:
            return 0.0
        return float(self.model.optimizer.learning_rate)

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self.model.optimizer.learning_rate = learning_rate

    def seed_dropout(self, seed: int) -> None:
        for number, layer in enumerate(self.model.layers):
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([seed, number])

    def encode(self, codes: Any) -> Any:
        """Classes in the form that the loss takes."""
        if self._takes_codes:
            return codes
        return tf.one_hot(codes, self.network.n_classes)

    def _sample_losses(self, codes: Any, y_pred: Any) -> Any:
        """The loss of each sample; other axes are averaged, as Keras does."""
        is_object = isinstance(self.loss, keras.losses.Loss)
        compute = self.loss.call if is_object else self.loss
        losses = tf.cast(compute(self.encode(codes), y_pred), tf.float32)
        return tf.reduce_mean(losses, axis=list(range(1, losses.shape.rank)))

    def _try_loss(self, codes: Any, probabilities: Any) -> None:
        """Refuse a loss that mixes samples: it would count those that pad a batch."""
        try:
            shape = self._sample_losses(codes, probabilities).shape
        except (TypeError, ValueError, tf.errors.OpError) as error:
            raise ValueError(
                f"The loss {self.loss!r} cannot be computed from class probabilities: "
                f"{error}"
            ) from error
        if shape != codes.shape:
            raise ValueError(
                f"The loss {self.loss!r} must give a loss for each sample, so that "
                f"samples can be weighted. For {len(codes)} samples it gives an array "
                f"of shape {tuple(shape)}."
            )

    def _try_loss_and_metrics(self) -> None:
        """Try the loss on a few samples, and build the metrics.

        These else would build themselves while the training function is traced, and
        have it traced twice.
        """
        n_classes = self.network.n_classes
        n_samples = n_classes + 1  # so that the two cannot be confused
        codes = tf.zeros(n_samples, tf.int32)
        probabilities = tf.fill((n_samples, n_classes), 1 / n_classes)
        try:
            self._try_loss(codes, probabilities)
        except ValueError as error:
            # A user's own loss may take integers, whatever its name.
            self._takes_codes = True
            try:
                self._try_loss(codes, probabilities)
            except ValueError:
                raise error from error.__cause__
        self.model.compute_metrics(
            None, self.encode(codes), probabilities, sample_weight=tf.ones(n_samples)
        )
        self.model.reset_metrics()

    def _predict_while_training(self, X: Any) -> Any:
        """What `model(X, training=True)` computes, but for how numbers are drawn."""
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout):
                X = tf.nn.experimental.stateless_dropout(
                    X,
                    layer.rate,
                    seed=layer.seed_generator.next(),
                    rng_alg=self._random_algorithm,
                )
            else:
                X = layer(X)
        return X

    def _train_on_batch(self, X: Any, codes: Any, sample_weight: Any) -> None:
        """Keras's `train_step`, its loss divided by the weights and not by the rows.

        So a weight of 2 is the same as a row that is there twice, and rows of weight 0
        are as if they were not there.
        """
        model, optimizer = self.model, self.model.optimizer
        total_weight = tf.reduce_sum(sample_weight)
        with tf.GradientTape() as tape:
            y_pred = self._predict_while_training(X)
            losses = self._sample_losses(codes, y_pred)
            loss = tf.reduce_sum(losses * sample_weight) / total_weight
            scaled_loss = optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled_loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        loss_tracker = model.metrics[0]
        loss_tracker.update_state(loss, sample_weight=total_weight)
        y_true = self.encode(codes)
        model.compute_metrics(X, y_true, y_pred, sample_weight=sample_weight)

    def _train_on_batches(
        self,
        X: Any,
        codes: Any,
        sample_weight: Any,
        learning_rates: Any,
        seed: Any,
        n_batches: Any,
    ) -> dict[str, Any]:
        """Train on the first batches of a block.

        `learning_rates` has one for each batch; `seed` is that of the first batch's
        deformations.
        """

        def train_on(batch: Any) -> tuple[Any]:
            if self._sets_learning_rate:
                self.model.optimizer.learning_rate = learning_rates[batch]
            images = X[batch]
            if self.deformation is not None:
                images = deform_batch(
                    images,
                    seed + tf.stack([0, batch]),
                    self._random_algorithm,
                    self.deformation,
                )
            self._train_on_batch(images, codes[batch], sample_weight[batch])
            return (batch + 1,)

        tf.while_loop(lambda batch: batch < n_batches, train_on, (tf.constant(0),))
        return dict(self.model.get_metrics_result())

    def _compile(self) -> Callable[..., dict[str, Any]]:
        """Compile by XLA or, where it can't, as a plain TensorFlow graph."""
        block = Block(self.batches_per_block, self.batch_size, self.network.n_features)
        rates = tf.zeros(self.batches_per_block)
        arguments = (*block.tensors, rates, tf.constant([0, 0]), tf.constant(0))
        for jit_compile in (True, False):
            self._random_algorithm = RANDOM_ALGORITHMS[jit_compile]
            train_on_block = tf.function(
                self._train_on_batches, jit_compile=jit_compile, autograph=False
            ).get_concrete_function(*arguments)
            try:
                train_on_block(*arguments)  # zero batches: compiles, and trains nothing
                break
            except tf.errors.OpError:
                if not jit_compile:
                    raise
        return train_on_block
