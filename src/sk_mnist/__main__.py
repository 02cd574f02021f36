"""``python -m sk_mnist``: the ``sk-mnist`` command, wherever it was installed."""

from .cli import main

if __name__ == "__main__":
    main()
