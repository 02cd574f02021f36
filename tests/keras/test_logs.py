"""What callbacks log and set: the history, and the learning rate."""

import keras
import numpy as np
import pytest

from networks import assert_same_network, small, weights


class Log(keras.callbacks.Callback):
    """Adds a value to the logs of some epochs."""

    def __init__(self, value, epochs):
        super().__init__()
        self.value = value
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs=None):
        if epoch in self.epochs:
            logs["mine"] = self.value


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (0.5, 0.5),
        (3, 3.0),
        (np.float32(0.25), 0.25),
        (np.ones(2), np.nan),
        ("text", np.nan),
        (None, np.nan),
    ],
    ids=["float", "int", "numpy", "array", "text", "None"],
)
def test_history_holds_numbers_and_nan_for_all_else(digits, value, recorded):
    history = small(callbacks=[Log(value, epochs=[1])]).fit(*digits).history_
    assert history["mine"] == pytest.approx([np.nan, recorded], nan_ok=True)
    assert len(history["loss"]) == 2


def test_progress_lines_bear_any_log(digits, capsys):
    small(callbacks=[Log("text", epochs=[0, 1])], verbose=1).fit(*digits)
    assert "mine nan" in capsys.readouterr().err


def test_progress_needs_no_standard_error(digits, monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    small(verbose=1).fit(*digits)


def constant_rate(rate):
    return keras.callbacks.LearningRateScheduler(lambda epoch, _: rate)


def test_a_callback_sets_the_rate_also_beside_a_warm_up(digits):
    by_callback = small(warmup_epochs=1, callbacks=[constant_rate(0.05)]).fit(*digits)
    by_parameter = small(warmup_epochs=1, learning_rate=0.05).fit(*digits)
    assert_same_network(by_callback, by_parameter)


def test_a_callback_sets_the_full_rate_of_a_schedule(digits):
    schedule = {"learning_rate_schedule": "cosine", "epochs": 3}
    by_callback = small(**schedule, callbacks=[constant_rate(0.05)]).fit(*digits)
    by_parameter = small(**schedule, learning_rate=0.05).fit(*digits)
    assert_same_network(by_callback, by_parameter)


def test_a_schedule_begins_at_its_full_rate_when_training_goes_on(digits):
    once = small(learning_rate_schedule="cosine", warm_start=True).fit(*digits)
    before = weights(once)
    twice = once.fit(*digits)
    assert np.abs(weights(twice) - before).max() > 1e-3


@pytest.mark.parametrize(
    ("monitor", "parameters", "message"),
    [
        ("val_acc", {"validation_split": 0.2}, "'val_acc'.*'val_accuracy'"),
        ("acc", {}, "'acc'.*'accuracy'"),
        ("val_loss", {}, "no data to validate on"),
    ],
    ids=["old name", "old training name", "no validation"],
)
def test_a_monitor_that_nothing_logs_is_refused(digits, monitor, parameters, message):
    stopping = keras.callbacks.EarlyStopping(monitor=monitor)
    with pytest.raises(ValueError, match=message):
        small(callbacks=[stopping], **parameters).fit(*digits)


def test_a_checkpoint_of_every_epoch_needs_no_validation(tmp_path, digits):
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    small(callbacks=[checkpoint]).fit(*digits)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_class_among_the_callbacks_is_refused(digits):
    with pytest.raises(ValueError, match=r"callbacks.*objects.*EarlyStopping"):
        small(callbacks=[keras.callbacks.EarlyStopping]).fit(*digits)


class SetActivation(keras.callbacks.Callback):
    """Changes what the network computes, of which the parameters know nothing."""

    def on_train_end(self, logs=None):
        self.model.layers[0].activation = keras.activations.tanh


def test_a_callback_that_changes_the_layers_is_refused(digits):
    with pytest.raises(ValueError, match="changed the layers of the model"):
        small(callbacks=[SetActivation()]).fit(*digits)
