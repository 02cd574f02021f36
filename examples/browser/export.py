"""Write model.onnx beside the page: a network that reads digits in the browser.

python export.py
npm install
python -m http.server
"""

from pathlib import Path

import numpy as np
from skl2onnx import to_onnx

import sk_mnist.onnx  # noqa: F401  teaches skl2onnx our steps
from sk_mnist import load_sample_digits, recipes

X, y = load_sample_digits(return_X_y=True)  # fetch_mnist(return_X_y=True) reads better
pipeline = recipes.build("fast", random_state=0).fit(X, y)
example = X[:1].astype(np.float32)
model = to_onnx(pipeline, example, options={"zipmap": False})
Path(__file__).with_name("model.onnx").write_bytes(model.SerializeToString())
