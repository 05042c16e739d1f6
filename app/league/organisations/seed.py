"""The real tree of the province: committees by administrative division, universities, bodies directly under it."""

import csv
from pathlib import Path

from sqlalchemy import select

from app.kernel.audit.record import record
from app.kernel.work import Work
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.operations import New, plant

DATA = Path(__file__).resolve().parents[2] / "data"
PROVINCE_CODE = "140000"
SECTORS = (
    ("省直属机关团工委", "organs", "省直机关团工委\n省直"),
    ("省国防科技工业团工委", "defence", "国防科工\n国防"),
    ("省国资委团工委", "state_assets", "国资委\n国有企业"),
)
"""驻省 bodies beside the cities, addressed by the province's own documents: name, sector, other names."""


def plant_province(work: Work) -> Organisation:
    """Plant the province, 11 cities, 117 county units, the universities and the committees directly under it.

    Idempotent: what stands already (by its code, or by its name where it has none) is left as it is.
    Returns the province. The caller commits.
    """
    divisions = _read("shanxi_divisions.csv")
    standing = {
        row.code: row for row in work.session.scalars(select(Organisation).where(Organisation.code.is_not(None)))
    }
    made = 0
    levels: list[tuple[int, Kind]] = [(1, Kind.PROVINCE), (2, Kind.CITY), (3, Kind.COUNTY)]
    for level, kind in levels:
        missing: dict[str, list[New]] = {}
        for row in divisions:
            if int(row["level"]) == level and row["code"] not in standing:
                missing.setdefault(row["parent"], []).append(_division(kind, row))
        for parent_code, wanted in missing.items():
            rows = plant(work, standing.get(parent_code), wanted)
            standing.update({row.code: row for row in rows})
            made += len(rows)
    province = standing[PROVINCE_CODE]
    made += _plant_below(work, province, set(standing))
    if made:
        record(
            work,
            "organisations:organisation:plant",
            "organisation",
            province.public_id,
            org_path=province.path,
            changes={"organisations": (None, made)},
        )
    return province


def _plant_below(work: Work, province: Organisation, codes: set[str | None]) -> int:
    here = set(work.session.scalars(select(Organisation.name).where(Organisation.parent_id == province.id)))
    wanted = [
        New(Kind.SECTOR, name, sector=sector, aliases=aliases) for name, sector, aliases in SECTORS if name not in here
    ]
    for row in _read("shanxi_universities.csv"):
        name, code = f"{row['name']}团委", row["moe_code"] or None
        if code not in codes - {None} and name not in here:
            wanted.append(New(Kind.UNIVERSITY, name, code=code, sector="education", aliases=row["name"]))
    return len(plant(work, province, wanted))


def _division(kind: Kind, row: dict[str, str]) -> New:
    name, code = row["name"], row["code"]
    return New(kind, f"共青团{name}委", code=code, division_code=code, aliases=name)


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
