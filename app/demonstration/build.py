"""Builds the demonstration province into an empty database."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import select, update

from app.demonstration import applications, pilot, staff
from app.demonstration.news import publish_news
from app.kernel.db.unit import writing
from app.kernel.outbox.operations import deliver_due
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.invented import Invented, Inventor
from app.league.organisations import history
from app.league.organisations.models import Kind, Organisation
from app.league.organisations.operations import New, create, create_many, write_names
from app.league.organisations.reshaping import move
from app.league.organisations.seed import plant_province
from app.league.people.loading import NewFile, load
from app.league.people.models import Person, Standing

SEED = 20160422
MARKER = "demonstration"
Say = Callable[[str], None]


def stands(work: Work) -> bool:
    """Whether anything was planted before."""
    return work.session.scalar(select(Organisation.id).limit(1)) is not None


def build(work: Work, say: Say = lambda _: None) -> None:
    """Plant the province, the pilot's organisations, people, logins, applications and news.

    Runs as a command on an empty database, in a few transactions. Leaves a marker in the instance folder, so that a
    production start refuses this instance.
    """
    (work.settings.instance_dir / MARKER).touch()
    say("种下全省组织，任命演示账号")
    with writing(work.session):
        places, branches, accounts = _plant(work)
    say("建立 6,337 份档案")
    inventor = Inventor(SEED, work.today)
    with writing(work.session):
        load(
            work,
            (
                (organisation, files_for(work, branch, inventor, inventor.people(branch.files)))
                for branch, organisation in branches
            ),
        )
        _give_file(work, accounts[staff.MEMBER], places.class_branch)
    say("收下待审的申请")
    with writing(work.session):
        applications.hand_in(work, inventor, places, [organisation for _, organisation in branches])
    with writing(work.session):
        publish_news(work, staff.as_viewer(work, accounts[staff.PROVINCE]))
    while deliver_due(work):
        pass
    history.write(work, work.today - history.FIRST_SPAN)


def files_for(work: Work, branch: pilot.Branch, inventor: Inventor, people: Iterable[Invented]) -> Iterable[NewFile]:
    """The files of ``people`` in a branch: members nearly all, a few who have not joined yet."""
    dice = inventor.dice
    for number, one in enumerate(people, 1):
        member = dice.random() > 0.05
        facts = applications.columns(one, inventor, member=member, degree=branch.degree, number=number)
        facts["standing"] = Standing.MEMBER if member else Standing.ELIGIBLE_YOUTH
        since = work.now - timedelta(days=int(dice.triangular(1, 44, 12)), minutes=dice.randrange(600))
        yield NewFile(facts, one.id_number, one.phone, since)


def _plant(work: Work) -> tuple[staff.Places, list[tuple[pilot.Branch, Organisation]], dict[str, Account]]:
    province = plant_province(work)
    accounts = staff.open_accounts(work)
    staff.appoint_province(work, accounts, province)
    city, normal, university = (
        work.session.scalars(select(Organisation).where(Organisation.code == code)).one()
        for code in (pilot.SHUOZHOU, pilot.NORMAL_SCHOOL, pilot.NORTH_UNIVERSITY)
    )
    # In 2016 the normal school's committee stood under the city.
    move(work, staff.as_viewer(work, accounts[staff.PROVINCE]), normal, city, version=normal.version)
    work.session.refresh(normal)
    normal.aliases += "\n朔州师范"
    write_names(work.session, normal)
    vocational = create(
        work, city, Kind.SCHOOL, "朔州职业技术学校团委", code=pilot.VOCATIONAL_SCHOOL, sector="education"
    )
    campus = create(work, university, Kind.UNIVERSITY, "中北大学朔州校区团委", code=pilot.CAMPUS, sector="education")
    branches = _branches(work, normal, pilot.NORMAL_BRANCHES) + _branches(work, vocational, pilot.VOCATIONAL_BRANCHES)
    branches += _campus(work, campus)
    class_branch = next(place for branch, place in branches if branch.name == pilot.CLASS_BRANCH)
    places = staff.Places(province, city, normal, class_branch, vocational, campus)
    staff.appoint_below(work, accounts, places)
    return places, branches, accounts


def _branches(
    work: Work, parent: Organisation, wanted: Iterable[pilot.Branch]
) -> list[tuple[pilot.Branch, Organisation]]:
    wanted = list(wanted)
    rows = create_many(work, parent, [New(Kind.BRANCH, b.name, expected_members=b.expected) for b in wanted])
    return list(zip(wanted, rows, strict=True))


def _campus(work: Work, campus: Organisation) -> list[tuple[pilot.Branch, Organisation]]:
    colleges = create_many(work, campus, [New(Kind.COLLEGE, name) for name in pilot.CAMPUS_COLLEGES])
    found = []
    for college in colleges:
        own = [branch for name, branch in pilot.campus_branches() if name == college.name]
        found += _branches(work, college, own)
    return found


def _give_file(work: Work, account: Account, branch: Organisation) -> None:
    """The demonstration's member gets one of the files that stand in the class."""
    person = work.session.scalars(
        select(Person)
        .where(Person.organisation_id == branch.id, Person.standing == Standing.MEMBER)
        .order_by(Person.id)
        .limit(1)
    ).one()
    account.person_id, account.name = person.id, person.name
    phone = staff.MEMBER
    work.session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(phone_sealed=work.vault.seal("phone", phone), phone_index=work.vault.index("phone", phone))
    )
