"""
Digits as other schools teach them
==================================

MNIST's digits were written by Americans. A network that saw no others takes a 1 with a
long flag, as it is written in most of Europe and South America, for a 7.
`make_handwritten_digits` draws digits in the forms that schools of several countries
teach.
"""

import numpy as np

from sk_mnist import DigitGridDisplay, get_digit_form_names, make_handwritten_digits

# %%
# Every form, written by one hand:

names = get_digit_form_names()
images = [
    make_handwritten_digits(1, forms=[name], random_state=4)[0][0] for name in names
]
_ = DigitGridDisplay.from_images(images, names, n_images=len(names), n_columns=5)

# %%
# And some of them as different hands write them: pens, slants, widths, steadiness and
# the places of the strokes vary at random.

shown = ["1 with a long flag", "4 open", "7 with a bar", "9 with a straight foot"]
hands = [make_handwritten_digits(10, forms=[name], random_state=0)[0] for name in shown]
_ = DigitGridDisplay.from_images(np.concatenate(hands), n_images=40, n_columns=10)

# %%
# `drawn_digits` lets a fit train on such digits too. Of each of these forms, 200 digits
# that no network has seen are read by one that learned from the sample digits alone,
# and by one that learned from half as many drawn ones as well:

from sk_mnist import load_sample_digits, recipes

X, y = load_sample_digits(return_X_y=True)
readers = {
    share: recipes.build("fast", epochs=20, drawn_digits=share, random_state=0)
    for share in (0.0, 0.5)
}
for reader in readers.values():
    reader.fit(X, y)
for name in [*shown, "0 slashed", "2 with a loop"]:
    images, digits = make_handwritten_digits(200, forms=[name], random_state=1)
    scores = [f"{reader.score(images, digits):4.0%}" for reader in readers.values()]
    print(f"{name:22}", *scores)
