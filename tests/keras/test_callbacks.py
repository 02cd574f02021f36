"""Keras callbacks hear and do what they do in Keras."""

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_allclose, assert_array_equal

from networks import BENDING, assert_same_network, small, through_a_file, weights


class Diary(keras.callbacks.Callback):
    """Writes down every call, in a list that copies share."""

    def __init__(self, pages):
        super().__init__()
        self.pages = pages

    def __deepcopy__(self, memo):
        return type(self)(self.pages)

    def write(self, *entry):
        self.pages.append(entry)

    def on_train_begin(self, logs=None):
        self.write("train begins", dict(self.params))

    def on_epoch_begin(self, epoch, logs=None):
        self.write("epoch begins", epoch)

    def on_train_batch_begin(self, batch, logs=None):
        self.write("batch begins", batch)

    def on_train_batch_end(self, batch, logs=None):
        self.write("batch ends", batch, sorted(logs))

    def on_test_begin(self, logs=None):
        self.write("test begins")

    def on_epoch_end(self, epoch, logs=None):
        self.write("epoch ends", epoch, sorted(logs))

    def on_train_end(self, logs=None):
        self.write("train ends", sorted(logs))


class EpochDiary(Diary):
    on_train_batch_begin = keras.callbacks.Callback.on_train_batch_begin
    on_train_batch_end = keras.callbacks.Callback.on_train_batch_end


@pytest.mark.parametrize("diary", [Diary, EpochDiary])
def test_callbacks_hear_what_keras_would_tell_them(digits, baseline, diary):
    X, y = digits
    ours, theirs = [], []
    small(callbacks=[diary(ours)]).fit(X, y, X_val=X, y_val=y)
    baseline.to_keras().fit(
        X,
        y,
        epochs=2,
        verbose=0,
        validation_data=(X, y),
        callbacks=[diary(theirs)],
    )
    if diary is EpochDiary:  # steps are blocks of batches there
        ours[0][1].pop("steps")
        theirs[0][1].pop("steps")
    assert ours == theirs


def test_batch_callback_changes_no_number(digits, baseline):
    watched = small(callbacks=[Diary([])]).fit(*digits)
    assert_allclose(weights(watched), weights(baseline), atol=1e-6)
    for name, values in baseline.history_.items():
        assert_allclose(watched.history_[name], values, rtol=1e-5)


def test_batch_callback_does_not_change_what_is_deformed(digits):
    watched = small(augmentation=BENDING, callbacks=[Diary([])]).fit(*digits)
    unwatched = small(augmentation=BENDING).fit(*digits)
    assert_allclose(weights(watched), weights(unwatched), atol=1e-6)


def test_epochs_count_on_for_callbacks(digits):
    pages = []
    classifier = small(warm_start=True, callbacks=[EpochDiary(pages)])
    classifier.fit(*digits).fit(*digits)
    epochs = [entry[1] for entry in pages if entry[0] == "epoch begins"]
    assert epochs == [0, 1, 2, 3]


def test_callbacks_are_copied_for_each_fit(digits):
    stopping = keras.callbacks.EarlyStopping(
        monitor="loss", min_delta=10, patience=1, restore_best_weights=True
    )
    classifier = small(epochs=9, callbacks=[stopping])
    n_iter = [classifier.fit(*digits).n_iter_ for _ in range(2)]
    assert n_iter == [2, 2]
    assert stopping.model is None
    assert not hasattr(stopping, "stopped_epoch") or stopping.stopped_epoch == 0
    assert classifier.callbacks == [stopping]


def test_callback_that_keras_has_used_before_is_taken(digits, baseline):
    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=9)
    baseline.to_keras().fit(*digits, verbose=0, callbacks=[stopping])
    assert_same_network(small(callbacks=[stopping]).fit(*digits), baseline)


def test_callback_that_cannot_be_copied_is_named(digits):
    class Holding(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.lock = threading.Lock()

    with pytest.raises(TypeError, match=r"callback.*Holding.*cop"):
        small(callbacks=[Holding()]).fit(*digits)


def test_what_callbacks_log_goes_to_the_history(digits):
    class Log(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["answer"] = np.float32(40 + epoch)

    history = small(callbacks=[Log()]).fit(*digits).history_
    assert history["answer"] == [40.0, 41.0]
    assert {type(value) for value in history["answer"]} == {float}


def test_reduce_lr_on_plateau(digits, baseline):
    reduce = keras.callbacks.ReduceLROnPlateau(
        monitor="loss", min_delta=10, patience=1, factor=0.1
    )
    classifier = small(epochs=4, learning_rate=0.01, callbacks=[reduce]).fit(*digits)
    assert_allclose(
        classifier.history_["learning_rate"], [1e-2, 1e-2, 1e-3, 1e-4], rtol=1e-5
    )
    assert_same_network(small().fit(*digits), baseline)  # at its own rate again


def halve_after_first(epoch, rate):
    return rate if epoch < 1 else rate / 2


def test_learning_rate_scheduler(digits):
    scheduler = keras.callbacks.LearningRateScheduler(halve_after_first)
    scheduled = small(epochs=3, learning_rate=0.04, callbacks=[scheduler]).fit(*digits)
    assert_allclose(scheduled.history_["learning_rate"], [0.04, 0.02, 0.01], rtol=1e-5)
    by_hand = small(epochs=1, warm_start=True)
    for rate in (0.04, 0.02, 0.01):
        by_hand.set_params(learning_rate=rate).fit(*digits)
    assert_same_network(scheduled, by_hand)


def test_rate_that_a_callback_left_is_gone_on_with(digits, tmp_path):
    scheduler = keras.callbacks.LearningRateScheduler(halve_after_first)
    rest = {"warm_start": True, "learning_rate": 0.04, "callbacks": [scheduler]}
    at_once = small(epochs=4, **rest).fit(*digits)
    in_parts = through_a_file(small(epochs=2, **rest).fit(*digits), tmp_path)
    assert_same_network(in_parts.fit(*digits), at_once)


def test_rate_set_for_each_batch_holds_for_that_batch(digits):
    class OneStepOnly(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.5 if batch == 0 else 0.0

    X, y = digits
    first = []

    class First(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 0:
                first.append(self.model.get_weights())

    classifier = small(optimizer="sgd", epochs=1, callbacks=[OneStepOnly(), First()])
    classifier.fit(X, y)
    after_first = np.concatenate([a.ravel() for a in (*first[0][::2], *first[0][1::2])])
    assert_array_equal(weights(classifier), after_first)


def test_model_checkpoint_writes_files_that_keras_opens(digits, tmp_path):
    X, y = digits
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}.keras")
    classifier = small(callbacks=[checkpoint]).fit(X, y)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01.keras", "02.keras"]
    model = keras.models.load_model(tmp_path / "02.keras")
    assert_allclose(model.predict(X, verbose=0), classifier.predict_proba(X), atol=1e-6)
    loss, accuracy = model.evaluate(X, y, verbose=0)  # compiled as it was trained
    assert loss < classifier.history_["loss"][0]
    assert_allclose(accuracy, classifier.score(X, y), rtol=1e-5)


def test_csv_logger_writes_an_epoch_a_row(digits, tmp_path):
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    classifier = small(callbacks=[logger]).fit(*digits)
    header, *rows = (tmp_path / "log.csv").read_text().splitlines()
    assert header.split(",")[0] == "epoch"
    place = header.split(",").index("loss")
    assert_allclose(
        [float(row.split(",")[place]) for row in rows], classifier.history_["loss"]
    )


def scalars_of_tensorboard(folder, tag):
    """The numbers that TensorBoard would plot."""
    (file,) = folder.iterdir()
    return [
        float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
        if value.tag == tag
    ]


def test_tensorboard_gets_the_history(digits, tmp_path):
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    board = keras.callbacks.TensorBoard(tmp_path)
    history = small(callbacks=[board], validation_split=0.2).fit(*digits).history_
    for folder, prefix in (("train", ""), ("validation", "val_")):
        for name in ("loss", "accuracy"):
            scalars = scalars_of_tensorboard(tmp_path / folder, f"epoch_{name}")
            assert_allclose(scalars, history[prefix + name], rtol=1e-6)


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_swap_ema_weights_validates_and_keeps_the_average(digits, swap_on_epoch):
    averaging = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch)
    by_callback = small(optimizer=averaging, callbacks=[swap], validation_split=0.2)
    by_parameter = small(
        optimizer="sgd", learning_rate=0.1, ema_momentum=0.9, validation_split=0.2
    )
    for classifier in (by_callback, by_parameter):
        classifier.fit(*digits)
    assert_allclose(weights(by_callback), weights(by_parameter), atol=1e-6)
    for name in ("val_loss", "val_accuracy"):
        assert_allclose(
            by_callback.history_[name], by_parameter.history_[name], rtol=1e-5
        )


def test_terminate_on_nan_ends_in_the_error_of_diverging(digits):
    pages = []
    classifier = small(
        epochs=50,
        learning_rate=1e38,
        callbacks=[keras.callbacks.TerminateOnNaN(), EpochDiary(pages)],
    )
    with pytest.raises(ValueError, match="infinite or very large"):
        classifier.fit(*digits)
    assert len([entry for entry in pages if entry[0] == "epoch ends"]) <= 1


def test_stopping_in_the_middle_of_an_epoch(digits, baseline):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 4

    classifier = small(callbacks=[Stop()]).fit(*digits)
    assert classifier.n_iter_ == 1
    assert_same_network(small().fit(*digits), baseline)


def test_callback_may_predict_and_evaluate(digits, baseline):
    X, y = digits
    accuracies = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.predict(X[:40], verbose=0)
            accuracies.append(self.model.evaluate(X, y, verbose=0)[1])

    classifier = small(callbacks=[Look()]).fit(X, y)
    assert_same_network(classifier, baseline)
    assert_allclose(accuracies[-1], classifier.score(X, y), rtol=1e-5)


def test_keras_early_stopping_of_ones_own_restores_its_best(digits, other_digits):
    X_val, y_val = other_digits[0], np.roll(other_digits[1], 1)
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=2, restore_best_weights=True
    )
    own = small(epochs=30, learning_rate=0.03, callbacks=[stopping])
    ours = small(epochs=30, learning_rate=0.03, early_stopping=True, patience=2)
    for classifier in (own, ours):
        classifier.fit(*digits, X_val=X_val, y_val=y_val)
    assert own.n_iter_ < 30
    assert_same_network(own, ours)


@pytest.mark.parametrize(
    ("hook", "act", "message"),
    [
        ("on_train_begin", lambda m, X, y: m.compile("sgd", "mse"), "compiled"),
        ("on_epoch_end", lambda m, X, y: m.compile("sgd", "mse"), "compiled"),
        ("on_epoch_end", lambda m, X, y: m.train_on_batch(X, y), "trained"),
        ("on_epoch_end", lambda m, X, y: m.fit(X, y, verbose=0), "trained"),
    ],
    ids=["compile first", "compile", "train_on_batch", "fit"],
)
def test_a_callback_that_takes_over_training_is_told_so(digits, hook, act, message):
    class Acts(keras.callbacks.Callback):
        pass

    setattr(Acts, hook, lambda self, *_, **__: act(self.model, *digits))
    with pytest.raises(ValueError, match=f"A callback has {message} the model"):
        small(epochs=2, callbacks=[Acts()]).fit(*digits)


@pytest.mark.parametrize("use", ["fit", "to_keras"])
def test_within_a_graph_training_is_refused(digits, fitted, use):
    with tf.Graph().as_default(), pytest.raises(RuntimeError, match=r"tf\.Graph"):
        small().fit(*digits) if use == "fit" else fitted.to_keras()
