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
