"""The desk and the organisation switch."""

from tests.pages.matrix import Row, staff

ROWS = [
    Row("GET", "/twt", staff(200)),
    Row("POST", "/twt/act-under", staff(422)),
]
