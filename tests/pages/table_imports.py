"""Imports: whoever may put such rows in where the batch stands; nobody else learns that there is one."""

from datetime import date

from app.kernel.work import Actor, Work
from app.league.imports import uploading
from app.league.imports.models import ImportBatch, Sort
from tests import factories as make
from tests.imports.workbooks import HEAD, xlsx
from tests.pages.matrix import Row, named, staff


def _batch(world, session, vault, place: str) -> ImportBatch:
    who = world.people["school_s"]
    work = Work(session, make.NOW, Actor("web", who.id, who.name), vault, session.info["settings"])
    row = [
        "林晓春",
        make.id_number(date(2003, 9, 12), male=True, n=3),
        "汉族",
        "共青团员",
        "2018-05-04",
        "应县第一中学",
        "",
    ]
    rows = [HEAD, row, ["?", *row[1:]]]
    sent = uploading.received(work.vault, "名单.xlsx", xlsx(rows))
    return uploading.upload(work, world.orgs[place], Sort.PEOPLE, sent)


def batch_of_a_class(world, session, vault) -> dict[str, str]:
    """A file for a class, whose columns are to be looked at."""
    return {"public_id": _batch(world, session, vault, "branch_b1").public_id}


def template(world, session, vault) -> dict[str, str]:
    """An empty sheet."""
    return {"sort": "people"}


THINGS = {"class_list": batch_of_a_class, "template": template}
OVER_B1 = ("province", "city_a", "school_s", "college_c", "secretary_b1")
KEEPERS = (*OVER_B1, "city_b", "county_a1", "school_t", "enterprise_e", "secretary_t1")
ROWS = [
    Row("GET", "/twt/imports", named(200, *KEEPERS)),
    Row("POST", "/twt/imports", named(422, *KEEPERS)),
    Row("GET", "/twt/imports/template/<sort>.xlsx", staff(200), thing="template"),
    Row("GET", "/twt/imports/<public_id>", named(200, *OVER_B1), thing="class_list"),
    Row("POST", "/twt/imports/<public_id>/columns", named(409, *OVER_B1), thing="class_list"),
    Row("POST", "/twt/imports/<public_id>/put", named(409, *OVER_B1), thing="class_list"),
    Row("POST", "/twt/imports/<public_id>/drop", named(409, *OVER_B1), thing="class_list"),
    Row("POST", "/twt/imports/<public_id>/take-back", named(409, *OVER_B1), thing="class_list"),
    Row("GET", "/twt/imports/<public_id>/problems.xlsx", named(200, *OVER_B1), thing="class_list"),
]
