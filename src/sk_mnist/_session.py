"""What a fit leaves in memory for the next one in the same process."""

import ctypes
import os
import threading
from typing import Any


class Cache:
    """At most `maximum` values, each with a key; many threads may use it at once.

    Several values may have the same key: fits at once need a network each.
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._items: list[tuple[Any, Any]] = []  # those used last at the end
        self._lock = threading.Lock()

    def get(self, key: Any) -> Any:
        """Return a value of a key, or None."""
        with self._lock:
            value = self._pop(key)
            if value is not None:
                self._items.append((key, value))
            return value

    def take(self, key: Any) -> Any:
        """Return a value of a key, or None, and keep it no longer."""
        with self._lock:
            return self._pop(key)

    def _pop(self, key: Any) -> Any:
        for place in reversed(range(len(self._items))):
            if self._items[place][0] == key:
                return self._items.pop(place)[1]
        return None

    def put(self, key: Any, value: Any) -> None:
        """Keep a value; drop the one that was unused for the longest time."""
        with self._lock:
            self._items.append((key, value))
            del self._items[: -self._maximum]

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._items.clear()

    def abandon(self) -> None:
        """Keep nothing, and free nothing of it: a forked process cannot.

        TensorFlow would crash when it frees a session there. Another thread may have
        held the lock when the process was forked.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._items))
        self._lock = threading.Lock()
        self._items = []


# More networks than a search visits in turn.
_MAXIMUM = 8

compiled_functions = Cache(_MAXIMUM)
idle_networks = Cache(_MAXIMUM)

if hasattr(os, "register_at_fork"):  # not on Windows
    for _cache in (compiled_functions, idle_networks):
        os.register_at_fork(after_in_child=_cache.abandon)


def clear_session() -> None:
    """Free the memory that fits keep for later fits.

    The first fit of an architecture compiles its training, which takes about half a
    second, and the compiled networks of the last 8 architectures are kept. Estimators
    are not touched: they predict as before, and their next fit compiles again.

    Notes
    -----
    Many fits of many architectures need no call of this: what is kept is bounded.
    Unlike `keras.utils.clear_session`, which this is named after, it changes nothing in
    Keras or TensorFlow, and imports neither.

    Examples
    --------
    >>> import sk_mnist
    >>> X, y = sk_mnist.load_sample_digits(return_X_y=True)
    >>> clf = sk_mnist.MNISTMLPClassifier(epochs=1, random_state=0).fit(X / 255, y)
    >>> sk_mnist.clear_session()
    >>> clf.predict(X[:3] / 255).shape
    (3,)
    """
    compiled_functions.clear()
    idle_networks.clear()
