"""山西青年之声 APP: everything the site does for a youth and a reviewer, as JSON over the very same operations."""

from app.surfaces.api import signing_in as signing_in  # noqa: I001  the document tells the operations in this order
from app.surfaces.api import registration as registration
from app.surfaces.api import organisations as organisations
from app.surfaces.api import reference as reference
from app.surfaces.api import drafts as drafts
from app.surfaces.api import class_codes as class_codes
from app.surfaces.api import applications as applications
from app.surfaces.api import file as file
from app.surfaces.api import messages as messages
from app.surfaces.api import review as review
from app.surfaces.api import deciding as deciding
from app.surfaces.api import figures as figures
from app.surfaces.api import describing as describing
from app.surfaces.api.operation import bp as bp
