"""Where the searched words stand in a text."""

import re


def pieces(text: str, words: str) -> list[tuple[str, bool]]:
    """``text`` cut up: (stretch, whether it is one of ``words``). Letters match in either case.

    >>> pieces("关于团费的通知", "团费 通知")
    [('关于', False), ('团费', True), ('的', False), ('通知', True)]
    """
    wanted = sorted({re.escape(word) for word in words.split()[:5]}, key=len, reverse=True)
    if not wanted:
        return [(text, False)] if text else []
    cut = re.split(f"({'|'.join(wanted)})", text, flags=re.IGNORECASE)
    return [(stretch, at % 2 == 1) for at, stretch in enumerate(cut) if stretch]


def excerpt(text: str, words: str, length: int = 90) -> str:
    """About ``length`` characters of ``text`` around the first of ``words`` in it, else its beginning."""
    places = [text.lower().find(word.lower()) for word in words.split()[:5]]
    first = min((place for place in places if place >= 0), default=0)
    start = max(0, first - length // 4)
    cut = text[start : start + length].strip()
    return ("…" if start else "") + cut + ("…" if start + length < len(text) else "")
