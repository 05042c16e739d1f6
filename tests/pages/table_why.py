"""为什么我看不到: about oneself alone, so for everybody who is signed in."""

from tests.pages.matrix import Row, signed_in

ROWS = [Row("GET", "/twt/why", signed_in(200))]
