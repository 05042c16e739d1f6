"""Every table of the system, imported so that the metadata is whole."""

from app.kernel import limits, once
from app.kernel.audit import models as audit
from app.kernel.db.base import Base
from app.kernel.files import models as files
from app.kernel.jobs import models as jobs
from app.kernel.outbox import models as outbox
from app.league.accounts import models as accounts
from app.league.appointments import models as appointments
from app.league.codes import models as codes
from app.league.exports import models as exports
from app.league.imports import models as imports
from app.league.joining import models as joining
from app.league.notices import models as notices
from app.league.organisations import models as organisations
from app.league.people import models as people
from app.league.wechat import models as wechat

MODULES = (
    limits, once, audit, files, jobs, outbox, accounts, appointments, codes, exports, imports, joining, notices, organisations,
    people, wechat,
)  # fmt: skip
metadata = Base.metadata
