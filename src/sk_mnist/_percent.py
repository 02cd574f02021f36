"""One way to write a probability, for pictures, the command and the drawing page."""


def percent(probability: float) -> str:
    """Write a probability in whole percent, never as 100%.

    A softmax is never certain: 100% would come from rounding.

    Examples
    --------
    >>> from sk_mnist._percent import percent
    >>> percent(0.25), percent(0.994), percent(0.996), percent(1.0)
    ('25%', '99%', '>99%', '>99%')
    """
    return ">99%" if probability >= 0.995 else f"{probability:.0%}"
