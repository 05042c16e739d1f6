"""How gunicorn serves 团务通: `python -m gunicorn -c scripts/gunicorn.conf.py wsgi:app`.

Environment: HOST (default 127.0.0.1), PORT (8000), WEB_WORKERS (2), WEB_THREADS (4).
"""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "app.surfaces.web.arrival.Worker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# Loaded once, before the workers: start-up that is refused ends the server with its sentence, instead of a worker
# that is started again and again. No connection is opened at loading, so there is none to share by mistake.
preload_app = True
# A connection kept open costs no thread here, and saves a phone on a slow network the next handshake.
keepalive = 15
timeout = 30
graceful_timeout = 5
loglevel = "warning"
control_socket_disable = True
