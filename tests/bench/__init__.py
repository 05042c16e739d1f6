"""How fast the product is, as ratios against floors that are built on the spot.

`results.py`     a row of the result, the registry of what is measured, the table, the JSON and the run before
`databases.py`   generated provinces, made once for each size and kept; a throw-away copy of one for each run
`stage.py`       one province set up for measuring: people who are signed in, the servers, what floors need to know
`wire.py`        requests as bytes, connections that stay open, many clients at once
`served.py`      gunicorn on loopback, and what its workers take of processor and memory
`floor_app.py`   the floors that are served: a bare answer, and a bare page of the rows of a list
`replay.py`      the floor of a change: the very statements it wrote, sent again through the bare driver
`peers/`         what else is measured against, where it is asked for: a tuned Django admin
`main.py`        the program behind `scripts/bench`

The rows themselves stand in `goals/`, a module for each kind; a later page or action adds its rows there with
`@measured`. What a goal says is in `goals/README.md`.
"""
