"""Every action the audit knows, with the words that tell of it to people."""

_SENTENCES: dict[str, str] = {}


def declare(sentences: dict[str, str]) -> None:
    """Declare a package's actions: tag ``subject:object:action`` → what the actor did (“通过了入档申请”)."""
    for action in sentences:
        if action.count(":") != 2:
            raise ValueError(f"{action} is not subject:object:action")
    _SENTENCES.update(sentences)


def known(action: str) -> str:
    """The words for ``action``. Raises KeyError when no package declared it."""
    return _SENTENCES[action]


def all_actions() -> dict[str, str]:
    """Every declared action with its words, sorted."""
    return dict(sorted(_SENTENCES.items()))
