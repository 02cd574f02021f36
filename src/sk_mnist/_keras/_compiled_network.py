"""Train on many batches, a block of them, in one compiled call."""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._plan import TrainingPlan
from .._session import compiled_functions
from ._backend import keras, tf
from ._block import Block
from ._compile import (
    copy_optimizer,
    has_settable_rate,
    is_builtin,
    loss_identity,
    optimizer_identity,
    takes_codes,
)
from ._deformation import deform_batch
from ._model import build_sequential
from ._session_function import SessionFunction, forget_custom_gradients

# How random numbers are drawn in a function that XLA compiles, and in one that it does
# not. XLA turns the first into vector instructions; the one that it would choose itself
# takes a hundred times as long. Without XLA, processors have the second alone.
RANDOM_ALGORITHMS = {True: "threefry", False: "philox"}


def is_shareable(optimizer: Any, loss: Any) -> bool:
    """Whether their identities tell all about them; a user's own may hold more."""
    return is_builtin(optimizer) and is_builtin(loss)


# Keras builds and traces in one thread at a time.
tracing = threading.RLock()


class CompiledNetwork:
    """A Keras model with its optimizer, and the function that trains it on a block.

    Models of the same architecture share one function.
    """

    def __init__(
        self, plan: TrainingPlan, optimizer: Any, loss: Any, batches_per_block: int
    ) -> None:
        self.network = plan.network
        self.loss = loss
        self._takes_codes = takes_codes(loss)
        self.deformation = plan.deformation
        self.batch_size = plan.batch_size
        self.batches_per_block = batches_per_block
        self._function: SessionFunction | None = None
        self.model = build_sequential(plan.network)
        self._first_layers = self._describe_layers()
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

    def _describe_layers(self) -> list[tuple[type, dict[str, Any]]]:
        """All that a layer is, but for whether its weights are frozen."""
        return [
            (type(layer), {**layer.get_config(), "trainable": True})
            for layer in self.model.layers
        ]

    def check_layers(self) -> None:
        """Refuse layers that a callback has changed, but for freezing their weights."""
        if self._describe_layers() != self._first_layers:
            raise ValueError(
                "A callback has changed the layers of the model, so that NumPy could "
                "not predict what Keras does. Set hidden_units, activation and dropout "
                "instead, or change the model that to_keras() gives."
            )

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

    def train_on_block(self, *arguments: Any) -> dict[str, Any]:
        """Call `_train_on_batches`, compiled when the first block is trained on.

        Until then callbacks may have frozen layers or set another optimizer.
        """
        if self._function is None:
            self._function = self._compile_or_share()
        return dict(self._function(arguments, self._variables))

    def _compile_or_share(self) -> SessionFunction:
        optimizer = self.model.optimizer
        with tracing:
            if not optimizer.built:
                optimizer.build(self.model.trainable_variables)
            self._variables = self._list_variables()
            if not is_shareable(optimizer, self.loss):
                return self._compile()
            key = self._function_key()
            function = compiled_functions.get(key)
            if function is None:
                function = self._compile()
                compiled_functions.put(key, function)
        return function

    def _keep_what_users_own(self, traced: Any) -> None:
        """Variables and Python functions of a user's loss or optimizer."""
        self._traced = traced
        known = {id(variable) for variable in self._variables}
        self._variables += [v for v in traced.graph.variables if id(v) not in known]

    def _list_variables(self) -> list[Any]:
        """All variables that training reads or changes, in an order of their own."""
        model = self.model
        variables = [
            *model.variables,
            *model.optimizer.variables,
            *model.metrics_variables,
        ]
        return list({id(variable): variable.value for variable in variables}.values())

    def _function_key(self) -> Any:
        """What the compiled function depends on; that of two models may be the same."""
        layers = tuple(repr(layer.get_config()) for layer in self.model.layers)
        variables = tuple((tuple(v.shape), v.dtype) for v in self._variables)
        return (
            layers,
            variables,
            optimizer_identity(self.model.optimizer),
            loss_identity(self.loss),
            self.deformation,
            self.batch_size,
            self.batches_per_block,
        )

    def _compile(self) -> SessionFunction:
        """Compile by XLA or, where it can't, as a plain TensorFlow graph."""
        self._sets_learning_rate = has_settable_rate(self.model.optimizer)
        block = Block(self.batches_per_block, self.batch_size, self.network.n_features)
        no_batches = (
            *block.arrays,
            np.zeros(self.batches_per_block, np.float32),
            np.zeros(2, np.int32),
            np.int32(0),
        )
        specifications = [tf.TensorSpec(a.shape, a.dtype) for a in no_batches]
        for jit_compile in (True, False):
            self._random_algorithm = RANDOM_ALGORITHMS[jit_compile]
            traced = tf.function(
                self._train_on_batches, jit_compile=jit_compile, autograph=False
            ).get_concrete_function(*specifications)
            if is_shareable(self.model.optimizer, self.loss):
                forget_custom_gradients(traced)
            else:
                self._keep_what_users_own(traced)
            function = SessionFunction(traced, self._variables)
            try:
                function(no_batches, self._variables)  # compiles, and trains nothing
                break
            except tf.errors.OpError:
                if not jit_compile:
                    raise
        return function
