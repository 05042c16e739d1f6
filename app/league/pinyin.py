"""Pinyin, for finding by sound. The dictionary is large, so it is loaded at the first use and not at every start."""


def syllables(text: str) -> list[str]:
    """The syllables of ``text`` in lower case without tones; what is not Chinese stays as it is."""
    from pypinyin import Style, lazy_pinyin

    return [syllable.lower() for syllable in lazy_pinyin(text, style=Style.NORMAL)]
