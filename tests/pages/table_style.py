"""The style page: for everybody with a post, since it shows nothing of anybody."""

from tests.pages.matrix import Row, staff

ROWS = [Row("GET", "/style", staff(200))]
