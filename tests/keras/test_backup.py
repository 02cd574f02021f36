"""A fit that was stopped continues from the backup of Keras's BackupAndRestore."""

import keras
import pytest

from networks import assert_same_network, small
from sk_mnist import ElasticDeformation


class Stop(keras.callbacks.Callback):
    """Breaks training off in the middle of an epoch, as a crash does."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise RuntimeError("stopped")


def backup(folder, **options):
    return keras.callbacks.BackupAndRestore(folder / "backup", **options)


def stop_and_continue(folder, digits, epoch, **parameters):
    """Fit until the beginning of an epoch, and again from the backup."""
    stopped = small(callbacks=[backup(folder), Stop(epoch)], **parameters)
    with pytest.raises(RuntimeError, match="stopped"):
        stopped.fit(*digits)
    return small(callbacks=[backup(folder)], **parameters).fit(*digits)


PARAMETERS = {
    "plain": {},
    "dropout": {"dropout": 0.2},
    "schedule": {"learning_rate_schedule": "cosine", "warmup_epochs": 1},
    "average": {"ema_momentum": 0.9, "validation_split": 0.2},
    "deformation": {"augmentation": ElasticDeformation(alpha=2, sigma=2)},
    "loss scale": {
        "optimizer": keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01))
    },
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
def test_continued_training_ends_in_the_same_weights(tmp_path, digits, parameters):
    unbroken = small(epochs=4, **parameters).fit(*digits)
    continued = stop_and_continue(tmp_path, digits, epoch=2, epochs=4, **parameters)
    assert_same_network(continued, unbroken)


def test_history_has_nan_for_the_epochs_before_the_backup(tmp_path, digits):
    unbroken = small(epochs=4).fit(*digits)
    continued = stop_and_continue(tmp_path, digits, epoch=2, epochs=4)
    assert continued.n_iter_ == 4
    assert continued.history_["loss"] == pytest.approx(
        [float("nan")] * 2 + unbroken.history_["loss"][2:], nan_ok=True
    )


def test_another_estimator_does_not_take_up_the_backup(tmp_path, digits):
    kept = backup(tmp_path, delete_checkpoint=False)
    small(callbacks=[kept]).fit(*digits)
    other = small(callbacks=[kept], random_state=1).fit(*digits)
    assert_same_network(other, small(random_state=1).fit(*digits))


def test_a_complete_training_is_restored_and_says_so(tmp_path, digits):
    kept = backup(tmp_path, delete_checkpoint=False)
    first = small(callbacks=[kept]).fit(*digits)
    with pytest.warns(UserWarning, match="No epoch was trained"):
        again = small(callbacks=[kept]).fit(*digits)
    assert_same_network(again, first)
    assert again.n_iter_ == first.n_iter_


def test_a_later_fit_without_a_backup_runs_all_its_epochs(tmp_path, digits):
    stop_and_continue(tmp_path, digits, epoch=1)
    later = small().fit(*digits)
    assert later.n_iter_ == 2
    assert len(later.history_["loss"]) == 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"random_state": None}, "BackupAndRestore.*random_state"),
        ({"early_stopping": True, "validation_split": 0.2}, "early_stopping"),
    ],
    ids=["no seed", "early stopping"],
)
def test_what_cannot_be_continued_is_refused(tmp_path, digits, parameters, message):
    with pytest.raises(ValueError, match=message):
        small(callbacks=[backup(tmp_path)], **parameters).fit(*digits)


def test_a_backup_in_the_middle_of_an_epoch_is_refused(tmp_path, digits):
    with pytest.raises(ValueError, match="Got save_freq=5: set save_freq='epoch'"):
        small(callbacks=[backup(tmp_path, save_freq=5)]).fit(*digits)
