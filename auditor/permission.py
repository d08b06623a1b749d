"""Files that whoever runs auditor may not read: one fault, with a way out of its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from auditor import codes
from auditor.errors import DataError

Loc = tuple[str | int, ...]


def not_permitted(what: str, loc: Loc = ()) -> DataError:
    """The fault of a file or folder, called `what`, that is there and may not be read.

    >>> print(not_permitted("`data`"))
    `data` may not be read: permission denied
    """
    return DataError(
        f"{what} may not be read: permission denied",
        code=codes.NOT_PERMITTED,
        loc=loc,
        way_out="make it readable for the user who runs auditor (`chmod u+r`; folders also `u+x`), or run as one who "
        "may read it",
    )


@contextlib.contextmanager
def reading(what: str, loc: Loc) -> Iterator[None]:
    """Whatever the system refuses inside, as a fault of what the document names at `loc`.

    Raises:
        DataError: a file may not be read, or cannot be; called by its name where the system says it, else `what`.
    """
    try:
        yield
    except PermissionError as error:
        raise not_permitted(_named(error, what), loc) from None
    except OSError as error:
        raise DataError(
            f"{_named(error, what)} cannot be read: {(error.strerror or str(error)).lower()}",
            code=codes.FOLDER_MISSING,
            loc=loc,
            way_out="restore it, or see that the disk works",
        ) from None


def _named(error: OSError, what: str) -> str:
    """The last two parts of the path that the system names, which is enough to find a file."""
    name = error.filename
    return f"`{'/'.join(os.fsdecode(name).split('/')[-2:])}`" if isinstance(name, str | bytes) else what
