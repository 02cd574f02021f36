"""Commands whose help shows no types of Python: not for switches and arguments."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


def _hide_types(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = lambda ctx: None  # its name says what it is
        elif parameter.is_flag and parameter.metavar is None:
            parameter.metavar = ""
    return parameters


class Command(TyperCommand):
    """A command such as ``train``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """List the parameters, ``--help`` included."""
        return _hide_types(super().get_params(ctx))


class Group(TyperGroup):
    """The command ``sk-mnist``, which holds the others."""

    def get_params(self, ctx: Any) -> list[Any]:
        """List the parameters, ``--help`` included."""
        return _hide_types(super().get_params(ctx))
