"""Commands whose help shows a switch without a type: it takes no value."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


def _hide_types_of_switches(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) and parameter.metavar is None:
            parameter.metavar = ""
    return parameters


class Command(TyperCommand):
    """A command such as ``train``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """List the parameters, ``--help`` included."""
        return _hide_types_of_switches(super().get_params(ctx))


class Group(TyperGroup):
    """The command ``sk-mnist``, which holds the others."""

    def get_params(self, ctx: Any) -> list[Any]:
        """List the parameters, ``--help`` included."""
        return _hide_types_of_switches(super().get_params(ctx))
