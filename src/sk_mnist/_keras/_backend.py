"""Import TensorFlow and Keras quietly, with the threads that joblib assigned.

Only the modules that train, or talk to Keras, import this one, and only when they run.
"""

import atexit
import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from . import _message_filter

_LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


@contextlib.contextmanager
def _log_level_of_errors() -> Iterator[None]:
    """Let TensorFlow log only errors, unless the user has set a level."""
    if _LOG_LEVEL in os.environ:
        yield
        return
    os.environ[_LOG_LEVEL] = "2"
    try:
        yield
    finally:
        del os.environ[_LOG_LEVEL]


def _start_filter() -> subprocess.Popen[bytes] | None:
    """Start the program that filters messages, where that is needed and possible."""
    wants_notes = os.environ.get(_LOG_LEVEL, "2") in ("0", "1")
    if wants_notes or sys.stderr is None or getattr(sys, "frozen", False):
        return None
    command = [sys.executable, "-I", "-S", str(_message_filter.__file__)]
    try:
        os.fstat(2)
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            # In a group of its own, which Ctrl-C in the terminal does not reach.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError:
        return None


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Filter messages that the C++ part of TensorFlow writes to file descriptor 2.

    Some are written before TensorFlow reads the log level.
    """
    messages = _start_filter()
    if messages is None or messages.stdin is None:
        yield
        return
    stderr = os.dup(2)
    os.dup2(messages.stdin.fileno(), 2)
    try:
        yield
        messages.stdin.write(_message_filter.NO_FAILURE)
    except KeyboardInterrupt:
        messages.stdin.write(_message_filter.NO_FAILURE)
        raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        messages.stdin.close()
        messages.wait()


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Let Python not search for garbage among the objects that an import makes.

    They are a million, and stay; the searches take a fifth of the import, and one more
    would fall into the first fit.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        if gc.get_freeze_count() == 0:
            # Together these count all objects as old, without a search.
            gc.freeze()
            gc.unfreeze()
    finally:
        gc.enable()


def _keep_to_share_of_threads() -> None:
    """Use the number of threads that joblib or the user has set.

    joblib sets ``OMP_NUM_THREADS`` in its workers, which TensorFlow does not read. The
    other number, of operations that run at once, stays: with one, fits in several
    threads would wait for each other.
    """
    share = os.environ.get("OMP_NUM_THREADS", "")
    threading = tf.config.threading
    if share.isdecimal() and threading.get_intra_op_parallelism_threads() == 0:
        with contextlib.suppress(RuntimeError):  # the user has started TensorFlow
            threading.set_intra_op_parallelism_threads(int(share))


def _check_backend(name: str) -> None:
    """Refuse a Keras that runs on another library than TensorFlow."""
    if name != "tensorflow":
        raise ImportError(
            "sk-mnist trains with Keras on TensorFlow, but Keras is set to run on "
            f"{name!r} in this process. Unset the environment variable KERAS_BACKEND, "
            "or set it to 'tensorflow', before Keras is imported."
        )


# Before the import, which for another backend fails if that is not installed.
_check_backend(os.environ.get("KERAS_BACKEND") or "tensorflow")

try:
    if "tensorflow" in sys.modules:
        import keras
        import tensorflow as tf
    else:
        with (
            _log_level_of_errors(),
            _without_chatter(),
            _without_garbage_collection(),
        ):
            import keras
            import tensorflow as tf

            _keep_to_share_of_threads()
            tf.constant(0)  # starts the devices, which have notes of their own
except ModuleNotFoundError as error:
    if error.name not in ("keras", "tensorflow"):
        raise
    raise ModuleNotFoundError(
        "Training needs TensorFlow and Keras, which are not installed here (predicting "
        'does not need them). Install them with "pip install tensorflow".',
        name=error.name,
    ) from error

_check_backend(keras.config.backend())

# Private parts of TensorFlow: Keras imports the first too, to free memory.
from tensorflow.python.eager import context as eager_context  # noqa: E402
from tensorflow.python.framework.ops import gradient_registry  # noqa: E402


def _has_lost_its_threads() -> bool:
    """Whether TensorFlow has started, and its threads are gone: after a fork.

    A fork leaves a process its one thread; TensorFlow starts several. Linux lists them.
    """
    context = eager_context.context_safe()
    if context is None or not context._initialized:
        return False
    threads = Path("/proc/self/task")
    return threads.exists() and len(list(threads.iterdir())) == 1


_process = None if _has_lost_its_threads() else os.getpid()
_has_ended = threading.Event()
# Called before what Keras and TensorFlow have registered when they were imported.
atexit.register(_has_ended.set)


def check_process() -> None:
    """Refuse to use TensorFlow after its end, in a forked process or within a graph.

    A fork does not copy TensorFlow's threads, so training would wait for them for ever.
    """
    if _has_ended.is_set():
        raise RuntimeError(
            "Python is shutting down, and TensorFlow has already stopped. Fit earlier, "
            "or import tensorflow before atexit.register is called."
        )
    if os.getpid() != _process:
        raise RuntimeError(
            "This process was forked from one that had started TensorFlow. Predicting "
            "works here, training and conversion do not. Start the process with "
            "multiprocessing.get_context('spawn') or joblib's backend 'loky', or fork "
            "it before the first fit."
        )
    if not tf.executing_eagerly():
        raise RuntimeError(
            "Training and conversion do not work within a tf.function or a tf.Graph. "
            "Call them outside, and leave tf.compat.v1.disable_eager_execution out."
        )


__all__ = ["check_process", "eager_context", "gradient_registry", "keras", "tf"]
