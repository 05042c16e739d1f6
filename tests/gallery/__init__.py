"""Every page of the site, opened and looked at.

`cast.py`       the personas of the tables of pages, played by the demonstration's people
`inventory.py`  which pages there are: the tables of `tests/pages`, and the pages behind states (`states.py`)
`stage.py`      the demonstration, served; a fresh one for each scene
`look.py`       what is looked for on a page: axe, sideways scroll, hidden focus, inline code, complaints
`pictures.py`     the album of `scripts/gallery`; `first_visit.py` the table of `scripts/bench-pages`
"""
