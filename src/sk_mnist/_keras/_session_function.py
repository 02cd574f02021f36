"""A TensorFlow function that runs in a session of its own, which frees all it holds.

TensorFlow keeps what XLA has compiled for as long as the device lives that it was
compiled for, which for a plain ``tf.function`` is as long as the process lives [1]_. A
session brings devices of its own, and frees them when it is dropped.

.. [1] https://github.com/tensorflow/tensorflow/issues/64170
"""

import ctypes
import gc
import itertools
import sys
from collections.abc import Sequence
from typing import Any

from ._backend import eager_context, gradient_registry, tf

v1 = tf.compat.v1

# TensorFlow's mark on functions for XLA, and on operations that call one.
_COMPILED_BY_XLA = "_XlaMustCompile"

MODELS_PER_COLLECTION = 8


def _call(definition: Any, arguments: Sequence[Any]) -> list[Any]:
    """Call a function of the present graph."""
    outputs: list[Any] = tf.raw_ops.StatefulPartitionedCall(
        args=arguments,
        Tout=[output.type for output in definition.signature.output_arg],
        f=v1.NameAttrList(name=definition.signature.name),
    )
    if _COMPILED_BY_XLA in definition.attr:
        outputs[0].op._set_attr(_COMPILED_BY_XLA, definition.attr[_COMPILED_BY_XLA])
    return outputs


def _value(tensor: Any) -> Any:
    if tensor.dtype in (tf.resource, tf.variant):
        raise TypeError(
            "A loss or optimizer of your own cannot use a lookup table, or another "
            "resource of TensorFlow than its variables. Use a tensor instead, for "
            "example tf.gather on a constant."
        )
    return tensor.numpy()


def _session(graph: Any) -> Any:
    config = v1.ConfigProto(
        allow_soft_placement=True,
        inter_op_parallelism_threads=tf.config.threading.get_inter_op_parallelism_threads(),
        intra_op_parallelism_threads=tf.config.threading.get_intra_op_parallelism_threads(),
    )
    # It would rewrite the function before XLA sees it, and change the last bits.
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return v1.Session(graph=graph, config=config)


class SessionFunction:
    """Run a concrete function on the values of variables, and give them their new ones.

    The variables need not be those that the function was traced with: those of another
    model of the same architecture will do. Many threads can call it at once.

    Parameters
    ----------
    traced : tf.types.experimental.ConcreteFunction
        It is not needed any more afterwards.
    variables : sequence of tf.Variable
        All that it reads or changes.
    """

    def __init__(self, traced: Any, variables: Sequence[Any]) -> None:
        places = {
            id(variable.handle): place for place, variable in enumerate(variables)
        }
        library = traced.graph.as_graph_def()
        library.ClearField("node")
        library.library.function.append(traced.function_def)
        n_captures = len(traced.graph.captures)
        self._places = []
        with tf.Graph().as_default() as graph:
            tf.graph_util.import_graph_def(library, name="")
            arguments = [
                v1.placeholder(argument.dtype, argument.shape)
                for argument in traced.inputs[: len(traced.inputs) - n_captures]
            ]
            values, handles, captured = [], [], []
            for outside, _ in traced.graph.captures:
                place = places.get(id(outside))
                if place is None:
                    captured.append(tf.constant(_value(outside)))
                    continue
                variable = variables[place]
                self._places.append(place)
                values.append(v1.placeholder(variable.dtype, variable.shape))
                # A variable that is new in each call.
                handles.append(
                    tf.raw_ops.VarHandleOp(
                        dtype=variable.dtype,
                        shape=variable.shape,
                        shared_name=eager_context.anonymous_name(),
                    )
                )
                captured.append(handles[-1])
            assigned = [
                tf.raw_ops.AssignVariableOp(resource=handle, value=value)
                for handle, value in zip(handles, values, strict=True)
            ]
            with tf.control_dependencies(assigned):
                outputs = _call(traced.function_def, [*arguments, *captured])
            with tf.control_dependencies(outputs):
                new_values = [
                    tf.raw_ops.ReadVariableOp(resource=handle, dtype=value.dtype)
                    for handle, value in zip(handles, values, strict=True)
                ]
            with tf.control_dependencies(new_values):
                freed = [
                    tf.raw_ops.DestroyResourceOp(resource=handle) for handle in handles
                ]
        results = tf.nest.pack_sequence_as(traced.structured_outputs, outputs)
        self._run = _session(graph).make_callable(
            [results, new_values, freed], [*arguments, *values]
        )

    def __call__(self, arguments: Sequence[Any], variables: Sequence[Any]) -> Any:
        """Return what the function returns, as NumPy's arrays and numbers."""
        variables = [variables[place] for place in self._places]
        values = [variable.numpy() for variable in variables]
        results, new_values, _ = self._run(*arguments, *values)
        for variable, value in zip(variables, new_values, strict=True):
            variable.assign(value)
        return results


def forget_custom_gradients(traced: Any) -> None:
    """Let go of a function whose gradients nobody will ask for.

    TensorFlow keeps each custom gradient, and with it the whole graph, in a registry.
    """
    for function in traced.graph.as_graph_def().library.function:
        for node in function.node_def:
            if "_gradient_op_type" in node.attr:
                name = node.attr["_gradient_op_type"].s.decode()
                if name.startswith("CustomGradient-"):
                    gradient_registry._registry.pop(name, None)


_counter = itertools.count(1)


def _return_free_memory() -> None:
    """Let glibc return freed memory to the system, which it keeps between other blocks.

    Compiling leaves some 50 MB of it, of which the next time uses only a part. It takes
    some 20 ms. Other systems return it by themselves.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def free_dropped_model() -> None:
    """Free what TensorFlow and Python keep of a model that is not used any more."""
    # One operation for each variable that there ever was.
    eager_context.context().clear_kernel_cache()
    # Models and traced functions refer to themselves. Python would find them after
    # many more, but looking for them takes as long as a short fit.
    if next(_counter) % MODELS_PER_COLLECTION == 0:
        gc.collect()
    _return_free_memory()
