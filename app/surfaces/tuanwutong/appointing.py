"""Giving a post and handing one over. The phone of who is to be appointed travels in the body of a POST alone."""

from datetime import date

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateField, RadioField, StringField
from wtforms.validators import InputRequired

from app.kernel.access import words
from app.kernel.access.gates import own, staff
from app.kernel.access.rules import ROLE_NAMES, Role
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.kernel.vault import VaultError
from app.kernel.work import Work
from app.league.accounts.models import Account
from app.league.appointments import operations, queries, rules
from app.league.organisations import queries as organisations
from app.league.organisations.models import Organisation
from app.surfaces.tuanwutong.appointments import DAY_FORMATS, bp
from app.surfaces.web.forms import MultiCheckboxField, OnceForm, filled
from app.surfaces.web.house import changing, me, work
from app.surfaces.web.pages import page, see

UNKNOWN = "没有用这个手机号注册的账号，请先请本人在青春家园注册"


class AppointForm(OnceForm):
    """Who, as what, from when to when; delegates for all of the subtree or some organisations below."""

    role = RadioField("职务", validators=[InputRequired("请选择职务")])
    places = MultiCheckboxField("只负责下面几个（不选就是全部）", validate_choice=False)
    phone = StringField("本人注册用的手机号", validators=[filled("请填写手机号")])
    starts_on = DateField("第一天", format=DAY_FORMATS, validators=[InputRequired("请填写第一天")])
    ends_on = DateField("最后一天", format=DAY_FORMATS, validators=[InputRequired("请填写最后一天")])
    step = StringField()


class NominateForm(OnceForm):
    """Whom one proposes as successor."""

    phone = StringField("接任人注册用的手机号", validators=[filled("请填写手机号")])
    step = StringField()


class SuccessorForm(OnceForm):
    """The superior's confirmation."""

    ends_on = DateField("最后一天", format=DAY_FORMATS, validators=[InputRequired("请填写最后一天")])


@bp.route("/new", methods=["GET", "POST"])
@staff
def new() -> AnyResponse:
    """任命: fill in, see whose account it is, confirm."""
    here, who = work(), me()
    where = queries.place(who, here.session, request.args.get("organisation", ""))
    form = AppointForm()
    _offer(form, where, here)
    if not form.is_submitted():
        form.role.data = form.role.choices[0][0]
        form.starts_on.data, form.ends_on.data = here.today, here.today + rules.USUAL_TERM
        return _appoint_page(form, where)
    if not form.validate():
        return _appoint_page(form, where, status=422)
    _count()
    try:
        if form.step.data != "commit":
            return _appoint_page(form, where, nominee=_look(form, where))
        with changing(form.once.data) as change:
            where = queries.place(who, change.session, where.public_id)
            account = _found(change, form.phone.data)
            for place in _places(form, where, change):
                operations.appoint(
                    change, who, account, place, Role(form.role.data),
                    starts_on=form.starts_on.data, ends_on=form.ends_on.data,
                )  # fmt: skip
            change.outcome = url_for(".index")
            said = f"已任命{account.name}为{where.name}{ROLE_NAMES[Role(form.role.data)]}，双方都会收到消息"
    except Invalid as problem:
        form.blame(problem)
        return _appoint_page(form, where, status=422)
    except (Conflict, Refused) as problem:
        return _appoint_page(form, where, status=409, problem=problem.text)
    return see(change.outcome, said)


@bp.route("/<public_id>/handover", methods=["GET", "POST"])
@own
def handover(public_id: str) -> AnyResponse:
    """交接: what the successor inherits, and whom one proposes; the superior appoints."""
    here, who = work(), me()
    row = _mine(here, public_id)
    form = NominateForm()
    if not form.is_submitted():
        return _handover_page(form, row)
    if not form.validate():
        return _handover_page(form, row, status=422)
    _count()
    try:
        with changing(form.once.data if form.step.data == "commit" else None) as change:
            account = _found(change, form.phone.data)
            if form.step.data != "commit":
                name = account.name
            else:
                told = operations.nominate(change, who, _mine(change, public_id).appointment, account)
                change.outcome = url_for(".mine")
    except Invalid as problem:
        form.blame(problem)
        return _handover_page(form, _mine(work(), public_id), status=422)
    except (Conflict, Refused) as problem:
        return _handover_page(form, _mine(work(), public_id), status=409, problem=problem.text)
    if form.step.data != "commit":
        return _handover_page(form, _mine(work(), public_id), nominee=name)
    return see(change.outcome, f"已请上级 {told} 人确认。上级任命以前，您的任职不变")


@bp.route("/<public_id>/successor", methods=["GET", "POST"])
@staff
def successor(public_id: str) -> AnyResponse:
    """确认接任人: the superior's page behind a nomination."""
    here, who = work(), me()
    row, account = _nominated(here, public_id)
    form = SuccessorForm()
    if not form.is_submitted():
        form.ends_on.data = here.today + rules.USUAL_TERM
        return _successor_page(form, row, account)
    if not form.validate():
        return _successor_page(form, row, account, 422)
    try:
        with changing(form.once.data) as change:
            row, account = _nominated(change, public_id)
            operations.hand_over(change, who, row.appointment, account, ends_on=form.ends_on.data)
            change.outcome = url_for(".index")
            said = f"{account.name}已接任{row.organisation.name}{ROLE_NAMES[row.role]}"
    except Invalid as problem:
        form.blame(problem)
        return _successor_page(form, *_nominated(work(), public_id), 422)
    except (Conflict, Refused) as problem:
        return _successor_page(form, *_nominated(work(), public_id), 409, problem.text)
    return see(change.outcome, said)


def _offer(form: AppointForm, where: Organisation, here: Work) -> None:
    roles = rules.roles_at(me(), rules.Place(where.path, where.kind))
    form.role.choices = [(role.value, ROLE_NAMES[role]) for role in roles]
    below = organisations.children_of(here.session, where) if Role.DELEGATE in roles else []
    form.places.choices = [(row.public_id, row.name) for row in below]


def _places(form: AppointForm, where: Organisation, here: Work) -> list[Organisation]:
    """The organisation itself, or for a delegate those chosen below it. Raises NotFound for one that is not below."""
    chosen = set(form.places.data or [])
    if Role(form.role.data) is not Role.DELEGATE or not chosen:
        return [where]
    below = {row.public_id: row for row in organisations.children_of(here.session, where)}
    if not chosen <= set(below):
        raise NotFound
    return [below[public_id] for public_id in sorted(chosen)]


def _look(form: AppointForm, where: Organisation) -> str:
    """Whose account it is, and whether the rules would let the appointment through. Returns the name."""
    who, role, here = me(), Role(form.role.data), work()
    account = _found(here, form.phone.data)
    place = rules.Place(where.path, where.kind)
    if reason := rules.refusal(who, account.id, role, place):
        raise Refused(reason)
    faults = rules.term_faults(form.starts_on.data, form.ends_on.data, here.today)
    if fault := rules.age_fault(role, account.birth_date, here.today):
        faults["phone"] = fault
    if faults:
        raise Invalid(faults)
    return account.name


def _count() -> None:
    with changing() as change:
        queries.count_lookup(change)


def _found(here: Work, phone: str) -> Account:
    account = queries.account_by_phone(here, phone)
    if account is None:
        raise Invalid({"phone": UNKNOWN})
    return account


def _mine(here: Work, public_id: str) -> queries.Row:
    row = queries.by_public_id(queries.reading(me()), here.session, public_id, own=me().account_id)
    if row.appointment.account_id != me().account_id or row.appointment.ended_at is not None:
        raise NotFound
    return row


def _nominated(here: Work, public_id: str) -> tuple[queries.Row, Account]:
    """The post and the nominee behind a sealed link. Raises NotFound when the viewer could not appoint there."""
    row = queries.by_public_id(queries.reading(me()), here.session, public_id)
    if not operations.may_end(me(), row.appointment, row.organisation):
        raise NotFound
    try:
        post, nominee = here.vault.open("nominee", request.args.get("who", "")).split(" ")
    except (VaultError, ValueError):
        raise NotFound from None
    account = queries.account_by_public_id(here.session, nominee)
    if post != public_id or account is None:
        raise NotFound
    return row, account


def _appoint_page(
    form: AppointForm, where: Organisation, *, nominee: str = "", status: int = 200, problem: str = ""
) -> Response:
    chosen = dict(form.places.choices or [])
    return page(
        "tuanwutong/appointments/new.html",
        form=form,
        where=where,
        nominee=nominee,
        role_names=dict(form.role.choices or []),
        chosen=[chosen[place] for place in form.places.data or [] if place in chosen],
        latest=rules.latest_end(_day(form.starts_on.data)),
        problem=problem,
        status=status,
    )


def _day(typed: date | None) -> date:
    return typed or work().today


def _handover_page(
    form: NominateForm, row: queries.Row, *, nominee: str = "", status: int = 200, problem: str = ""
) -> Response:
    return page(
        "tuanwutong/appointments/handover.html",
        form=form,
        row=row,
        inherits=queries.inheritance(work(), row),
        abilities=words.abilities(row.role),
        nominee=nominee,
        problem=problem,
        status=status,
    )


def _successor_page(
    form: SuccessorForm, row: queries.Row, account: Account, status: int = 200, problem: str = ""
) -> Response:
    return page(
        "tuanwutong/appointments/successor.html",
        form=form,
        row=row,
        nominee=account.name,
        inherits=queries.inheritance(work(), row),
        abilities=words.abilities(row.role),
        who=request.args.get("who", ""),
        problem=problem,
        status=status,
    )
