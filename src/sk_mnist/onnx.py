"""Convert fitted pipelines to ONNX: importing this module teaches skl2onnx our steps.

``skl2onnx.to_onnx(pipeline, X[:1])`` then works for :class:`~sk_mnist.ImageNormalizer`
and :class:`~sk_mnist.MNISTMLPClassifier`, alone, in a pipeline and in a committee.
Needs ``pip install skl2onnx``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

try:
    from skl2onnx import update_registered_converter
except ImportError as error:
    raise ImportError(
        "sk_mnist.onnx needs skl2onnx, which is not installed. Install it with "
        "pip install skl2onnx."
    ) from error
from skl2onnx.algebra.onnx_ops import (
    OnnxAdd,
    OnnxArgMax,
    OnnxCast,
    OnnxDiv,
    OnnxElu,
    OnnxErf,
    OnnxGather,
    OnnxMatMul,
    OnnxMul,
    OnnxRelu,
    OnnxReshape,
    OnnxSelu,
    OnnxSigmoid,
    OnnxSoftmax,
    OnnxSoftplus,
    OnnxTanh,
)
from skl2onnx.common.data_types import (
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
    guess_proto_type,
)
from skl2onnx.proto import onnx_proto

from ._classifier import MNISTMLPClassifier
from ._images._framer import DigitFramer
from ._images._normalizer import ImageNormalizer

__all__: list[str] = []


def _gelu(x: Any, **version: int) -> Any:
    # ONNX has an operator Gelu from version 20 on; this form runs in older runtimes.
    half, one, root = np.array([[0.5], [1], [np.sqrt(0.5)]], dtype=np.float32)
    cumulative = OnnxAdd(
        OnnxErf(OnnxMul(x, root, **version), **version), one, **version
    )
    return OnnxMul(OnnxMul(x, half, **version), cumulative, **version)


def _softmax(x: Any, **keywords: Any) -> Any:
    return OnnxSoftmax(x, axis=1, **keywords)


# The same names as in `_network.ACTIVATIONS`; ONNX's defaults are Keras's constants.
_ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "relu": OnnxRelu,
    "tanh": OnnxTanh,
    "sigmoid": OnnxSigmoid,
    "elu": OnnxElu,
    "selu": OnnxSelu,
    "gelu": _gelu,
    "softplus": OnnxSoftplus,
    "softmax": _softmax,
}


def _normalizer_output(operator: Any) -> None:
    n_images = operator.inputs[0].get_first_dimension()
    n_pixels = operator.raw_operator.n_features_in_
    operator.outputs[0].type = FloatTensorType([n_images, n_pixels])


def _convert_normalizer(scope: Any, operator: Any, container: Any) -> None:
    """Lay images out as rows and divide them, as precisely as `transform` does."""
    normalizer, images = operator.raw_operator, operator.inputs[0]
    version = {"op_version": container.target_opset}
    number, kind = "float32", onnx_proto.TensorProto.FLOAT
    if isinstance(images.type, DoubleTensorType):
        number, kind = "float64", onnx_proto.TensorProto.DOUBLE
    shape = np.array([-1, normalizer.n_features_in_], dtype=np.int64)
    rows = OnnxReshape(OnnxCast(images, to=kind, **version), shape, **version)
    scale = np.array([normalizer.scale_], dtype=number)
    OnnxCast(
        OnnxDiv(rows, scale, **version),
        to=onnx_proto.TensorProto.FLOAT,
        output_names=operator.outputs[:1],
        **version,
    ).add_to(scope, container)


def _label_type(classes: Any) -> type:
    if classes.dtype.kind in "iub":
        return Int64TensorType
    if classes.dtype.kind in "US" or all(isinstance(label, str) for label in classes):
        return StringTensorType
    raise ValueError(
        "ONNX models return labels that are integers or strings. classes_ of "
        f"MNISTMLPClassifier is {classes!r}. Train it on labels of these types, for "
        "example on y.astype(int)."
    )


def _refuse_test_time_augmentation(classifier: MNISTMLPClassifier) -> None:
    if classifier.test_time_augmentation:
        raise NotImplementedError(
            "An ONNX model does not deform images, so test-time augmentation cannot be "
            "converted. Got test_time_augmentation="
            f"{classifier.test_time_augmentation!r}: call "
            "set_params(test_time_augmentation=0) on the classifier first, and expect "
            "somewhat less accuracy."
        )


def _classifier_outputs(operator: Any) -> None:
    _refuse_test_time_augmentation(operator.raw_operator)
    n_images = operator.inputs[0].get_first_dimension()
    classes = operator.raw_operator.classes_
    label, probability = operator.outputs
    label.type = _label_type(classes)([n_images])
    probability.type.shape = [n_images, len(classes)]


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Write out the forward pass, and look the most probable label up."""
    classifier = operator.raw_operator
    version = {"op_version": container.target_opset}
    activate = _ACTIVATIONS[classifier.activation_]
    x = OnnxCast(operator.inputs[0], to=onnx_proto.TensorProto.FLOAT, **version)
    layers = list(zip(classifier.coefs_, classifier.intercepts_, strict=True))
    for number, (coef, intercept) in enumerate(layers, start=1):
        x = OnnxAdd(OnnxMatMul(x, coef, **version), intercept, **version)
        x = (activate if number < len(layers) else _softmax)(x, **version)
    label, probability = operator.outputs
    # skl2onnx declares probabilities as precise as the input, and ensembles need that.
    kind = guess_proto_type(probability.type)
    probabilities = OnnxCast(x, to=kind, output_names=[probability], **version)
    codes = OnnxArgMax(probabilities, axis=1, keepdims=0, **version)
    if isinstance(label.type, StringTensorType):
        classes = classifier.classes_.astype(object)
    else:
        classes = classifier.classes_.astype(np.int64)
    OnnxGather(classes, codes, output_names=[label], **version).add_to(scope, container)


def _refuse_framer(operator: Any) -> None:
    raise NotImplementedError(
        "DigitFramer cannot be converted to ONNX: it reads files and photos, and finds "
        "the digit in Python. Convert the steps after it, pipeline[1:], and give the "
        "ONNX model what pipeline[:1].transform returns."
    )


update_registered_converter(
    ImageNormalizer, "SkMnistImageNormalizer", _normalizer_output, _convert_normalizer
)
update_registered_converter(
    MNISTMLPClassifier,
    "SkMnistMLPClassifier",
    _classifier_outputs,
    _convert_classifier,
    # skl2onnx asks every classifier for "nocl", whether to leave the labels out.
    options={"zipmap": [True, False, "columns"], "nocl": [False]},
)
update_registered_converter(
    DigitFramer,
    "SkMnistDigitFramer",
    _refuse_framer,
    lambda scope, operator, container: _refuse_framer(operator),
)
