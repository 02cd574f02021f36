"""Predicting needs no TensorFlow; training has it quietly, or says what is missing.

All of it is seen from fresh processes.
"""

import os

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from old_versions import OLD_TENSORFLOW_IS_LOUD
from sk_mnist import ImageNormalizer, MNISTMLPClassifier

WITHOUT_TENSORFLOW = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "scikeras"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""


def lines_of(completed):
    assert completed.returncode == 0, completed.stderr
    assert completed.stderr == ""
    return completed.stdout.splitlines()


@pytest.fixture(scope="module")
def folder_of_models(tmp_path_factory, digits, sample_digits, fitted, fitted_pipeline):
    """Files of models that were trained in every way, with what they predict."""
    X, y = digits
    images, targets = sample_digits.images[:60], sample_digits.target[:60]
    by_fit, by_partial_fit = (
        MNISTMLPClassifier(16, epochs=1, warm_start=True, random_state=0)
        for _ in range(2)
    )
    models = {
        "plain": (fitted, X),
        "pipeline": (fitted_pipeline, sample_digits.data),
        "of images": (
            make_pipeline(ImageNormalizer(), by_fit).fit(images, targets),
            images,
        ),
        "partial": (by_partial_fit.partial_fit(X, y, classes=range(10)), X),
    }
    folder = tmp_path_factory.mktemp("models")
    for name, (model, data) in models.items():
        joblib.dump(model, folder / f"{name}.joblib")
        np.savez(folder / f"{name}.npz", X=data, labels=model.predict(data))
    return folder


HEAVY = "('tensorflow', 'keras', 'scikeras', 'matplotlib', 'PIL', 'requests')"

PREDICT_ALL = """
import sys
from pathlib import Path
import joblib, numpy as np
for path in sorted(Path(sys.argv[1]).glob("*.joblib")):
    model = joblib.load(path)
    saved = np.load(path.with_suffix(".npz"))
    for use in (model.predict_proba, model.predict_log_proba):
        assert np.isfinite(use(saved["X"])).all()
    np.testing.assert_array_equal(model.predict(saved["X"]), saved["labels"])
    print(path.stem)
"""


@pytest.mark.parametrize("installed", [True, False], ids=["installed", "missing"])
def test_loading_and_predicting_do_without_tensorflow(
    folder_of_models, run_python, installed
):
    script = ("" if installed else WITHOUT_TENSORFLOW) + PREDICT_ALL
    script += f"assert not set(sys.modules) & set({HEAVY})"
    done = lines_of(run_python(script, folder_of_models))
    assert done == ["of images", "partial", "pipeline", "plain"]


def test_import_is_light(run_python):
    heavy = HEAVY.replace("(", "('sklearn', 'scipy', 'pandas', ", 1)
    script = f"import sys, sk_mnist; print(*(set(sys.modules) & set({heavy})))"
    assert lines_of(run_python(script)) == [""]


def test_public_names_are_told_without_importing_them(run_python):
    script = (
        "import sys, sk_mnist\n"
        "assert set(sk_mnist.__all__) <= set(dir(sk_mnist))\n"
        f"assert not set(sys.modules) & set({HEAVY})\n"
        "print(sk_mnist.__version__)"
    )
    assert len(lines_of(run_python(script))) == 1


ALL_THAT_TRAINS = """
import numpy as np, sk_mnist
from sk_mnist import MNISTMLPClassifier
X, y = np.eye(8), np.arange(8) % 2
import joblib
fitted = joblib.load(sys.argv[1])
for use in (
    lambda: MNISTMLPClassifier().fit(X, y),
    lambda: MNISTMLPClassifier().partial_fit(X, y, classes=[0, 1]),
    lambda: fitted.to_keras(),
    lambda: fitted.to_scikeras(),
    lambda: MNISTMLPClassifier.from_keras("model.keras"),
    lambda: sk_mnist.build_mlp,
):
    try:
        use()
    except ImportError as error:
        print(error)
"""


def test_training_without_tensorflow_says_what_to_install(folder_of_models, run_python):
    completed = run_python(
        WITHOUT_TENSORFLOW + ALL_THAT_TRAINS, folder_of_models / "plain.joblib"
    )
    lines = lines_of(completed)
    assert len(lines) == 6
    for line in lines:
        assert "TensorFlow" in line
        assert "pip install tensorflow" in line


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_another_backend_of_keras_is_told_to_be_the_wrong_one(
    folder_of_models, run_python, backend
):
    completed = run_python(
        "import sys" + ALL_THAT_TRAINS,
        folder_of_models / "plain.joblib",
        KERAS_BACKEND=backend,
    )
    lines = lines_of(completed)
    assert len(lines) == 6
    for line in lines:
        assert "TensorFlow" in line
        assert "KERAS_BACKEND" in line
        assert repr(backend) in line


def test_another_backend_of_keras_predicts(folder_of_models, run_python):
    assert lines_of(run_python(PREDICT_ALL, folder_of_models, KERAS_BACKEND="jax"))


# Trains several networks, more than TensorFlow takes for reasonable, as a search does.
TRAIN_IN_A_FRESH_PROCESS = """
import os, sys
class Complaining:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            os.write(2, b"the disk is full\\n")

sys.meta_path.insert(0, Complaining())
import numpy as np
from sk_mnist import MNISTMLPClassifier
data = np.load(sys.argv[1])
X, y = data["X"], data["labels"]
def fit(hidden_units, n_rows, **parameters):
    classifier = MNISTMLPClassifier(hidden_units, random_state=0, **parameters)
    return classifier.fit(X[:n_rows], y[:n_rows], X_val=X, y_val=y)

network = fit(16, 401, epochs=2, dropout=0.25)
n_dumped = [len(os.listdir(sys.argv[2]))]
for n_rows in (400, 384, 300, 100, 33):
    fit(16, n_rows, epochs=2, dropout=0.25)
n_dumped.append(len(os.listdir(sys.argv[2])))
for hidden_units in range(4, 9):
    fit(hidden_units, 100, epochs=1)
n_dumped.append(len(os.listdir(sys.argv[2])))
assert "TF_CPP_MIN_LOG_LEVEL" not in os.environ
np.savez(sys.argv[3], *network.coefs_, *network.intercepts_, n_dumped=n_dumped)
"""


@pytest.fixture(scope="module")
def fresh_training(folder_of_models, tmp_path_factory, run_python):
    """A process that trains, told to note what it compiles, and what it left."""
    folder = tmp_path_factory.mktemp("fresh")
    dumped, saved = folder / "xla", folder / "saved.npz"
    dumped.mkdir()
    completed = run_python(
        TRAIN_IN_A_FRESH_PROCESS,
        *(folder_of_models / "plain.npz", dumped, saved),
        XLA_FLAGS=f"--xla_dump_to={dumped} --xla_dump_hlo_as_text",
        PYTHONHASHSEED="1",
    )
    return completed, saved


@OLD_TENSORFLOW_IS_LOUD
def test_training_is_quiet_but_for_real_errors(fresh_training):
    completed, _ = fresh_training
    assert completed.returncode == 0, completed.stderr
    assert completed.stderr == "the disk is full\n"
    assert completed.stdout == ""


def test_another_process_trains_the_same_network_to_the_bit(
    fresh_training, folder_of_models
):
    _, saved = fresh_training
    data = np.load(folder_of_models / "plain.npz")
    X, y = data["X"], data["labels"]
    classifier = MNISTMLPClassifier(16, epochs=2, dropout=0.25, random_state=0)
    classifier.fit(X, y)
    theirs = np.load(saved)
    for number, array in enumerate([*classifier.coefs_, *classifier.intercepts_]):
        assert_array_equal(theirs[f"arr_{number}"], array)


def test_xla_compiles_once_per_network_whatever_the_number_of_rows(fresh_training):
    _, saved = fresh_training
    first, other_rows, other_networks = np.load(saved)["n_dumped"]
    assert first > 0
    assert other_rows == first
    assert other_networks > other_rows


BROKEN = """
import os
os.write(2, b"libkeras.so: cannot open shared object file\\n")
os.write(2, b"2025-01-01 00:00:00.000000: I tensorflow/core: only a note\\n")
raise ImportError("this Keras is broken")
"""


def test_what_makes_the_import_fail_reaches_the_user(tmp_path, run_python):
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text(BROKEN)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from sk_mnist import MNISTMLPClassifier\n"
        "MNISTMLPClassifier().fit([[0], [1]], [0, 1])\n"
    )
    completed = run_python(script)
    assert completed.returncode != 0
    assert "cannot open shared object file" in completed.stderr
    assert "only a note" in completed.stderr
    assert "this Keras is broken" in completed.stderr


ABORTING = """
import os
os.write(2, b"I0000 00:00:1 1 port.cc:153] only a note\\n")
os.write(2, b"F0000 00:00:1 1 cpu.cc:20] this processor cannot run TensorFlow\\n")
os.abort()
"""


@pytest.mark.parametrize("level", ["", "2", "3"])
def test_what_ends_the_process_during_the_import_reaches_the_user(
    tmp_path, run_python, level
):
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text(ABORTING)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import sk_mnist._keras._backend\n"
    )
    environment = {"TF_CPP_MIN_LOG_LEVEL": level} if level else {}
    completed = run_python(script, **environment)
    assert completed.returncode != 0
    assert "this processor cannot run TensorFlow" in completed.stderr


INTERRUPTED = """
import os, signal, time
os.write(2, b"I0000 00:00:1 1 stub.cc:31] only a note\\n")
time.sleep(1)  # until all processes have started
os.killpg(0, signal.SIGINT)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_ctrl_c_during_the_import_prints_nothing_but_that(tmp_path, run_python):
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "__init__.py").write_text(INTERRUPTED)
    completed = run_python(
        f"import os, sys; sys.path.insert(0, {str(tmp_path)!r}); os.setpgid(0, 0)\n"
        "try: import sk_mnist._keras._backend\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    assert completed.stdout == "interrupted\n"
    assert completed.stderr == ""


def test_users_who_ask_for_silence_get_it(run_python):
    script = "import sk_mnist._keras._backend"
    assert run_python(script, TF_CPP_MIN_LOG_LEVEL="3").stderr == ""


TELL_LOG_LEVEL = """
import os
import sk_mnist._keras._training
print(os.environ["TF_CPP_MIN_LOG_LEVEL"])
"""


def test_log_level_of_the_user_stays_and_holds(run_python):
    completed = run_python(TELL_LOG_LEVEL, TF_CPP_MIN_LOG_LEVEL="0")
    assert completed.stdout.split() == ["0"]
    assert completed.stderr != ""


@OLD_TENSORFLOW_IS_LOUD
@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_training_leaves_garbage_collection_as_it_was(run_python, state):
    script = (
        "import gc, numpy as np\n"
        "from sk_mnist import MNISTMLPClassifier\n"
        f"gc.{'enable' if state == 'enabled' else 'disable'}()\n"
        "MNISTMLPClassifier(8, epochs=1).fit(np.eye(8), np.arange(8) % 2)\n"
        "print(gc.isenabled(), gc.get_freeze_count())"
    )
    assert lines_of(run_python(script)) == [f"{state == 'enabled'} 0"]
