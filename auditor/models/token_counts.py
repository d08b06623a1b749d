"""How many tokens a text takes, counted without importing transformers where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from auditor import codes
from auditor.errors import DataError
from auditor.models.safetensors_folder import shown
from auditor.source import Loc


def token_counter(folder: Path, loc: Loc) -> Callable[[str], int]:
    """A function that counts the tokens of a text, special ones included, by the tokenizer in `folder`.

    Raises:
        DataError: the tokenizer cannot be read.
    """
    try:
        return _counter(folder)
    except Exception as error:  # The library raises bare ones.
        raise DataError(
            f"the tokenizer in `{shown(folder)}` cannot be read: {str(error)[:100]}",
            code=codes.CONFIG_UNREADABLE,
            loc=loc,
            way_out="copy the whole folder again, or save it again with `save_pretrained`",
        ) from None


def _counter(folder: Path) -> Callable[[str], int]:
    if (folder / "tokenizer.json").exists():
        # The light library alone: importing transformers costs seconds before anything is planned.
        from tokenizers import Tokenizer

        fast = Tokenizer.from_file(str(folder / "tokenizer.json"))
        fast.no_truncation()
        fast.no_padding()
        return lambda text: len(fast.encode(text).ids)
    from transformers import AutoTokenizer

    slow = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    return lambda text: len(slow(text, truncation=False).input_ids)
