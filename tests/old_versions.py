"""What old versions of other libraries get wrong, which no code of ours can repair."""

from importlib.metadata import version

import pytest
from packaging.version import Version


def fails_before(package, release, why):
    """Mark a test that has to fail with versions of a package before a release."""
    return pytest.mark.xfail(
        Version(version(package)) < Version(release),
        reason=f"{package} before {release} {why}",
        strict=True,
    )


OLD_TENSORFLOW_IS_LOUD = fails_before(
    "tensorflow", "2.21", "writes errors about GPUs that there are not"
)
