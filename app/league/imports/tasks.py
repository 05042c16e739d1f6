"""The steps of a long batch, done by the worker in the name and with the rights of whoever asked for them."""

from app.kernel.access.viewer import Viewer
from app.kernel.db.unit import let_go, writing
from app.kernel.errors import Invalid
from app.kernel.jobs.operations import Run, job
from app.kernel.work import Actor
from app.league.imports import forgetting, operations, putting, queries, reading, uploading
from app.league.imports.ground import Ground
from app.league.imports.models import ImportBatch, Stage
from app.league.imports.operations import CHECK, CHECKED, PUT, READ, STAGED, TAKE_BACK, TITLES
from app.league.imports.putting import TOGETHER
from app.league.organisations.models import Organisation
from app.league.organisations.tasks import in_the_name_of


@job(READ, TITLES[READ])
def read(run: Run) -> None:
    """Read the file and keep its rows. A run that begins again reads it again and goes on after the rows kept."""
    session = run.work.session
    batch = _seen(run)
    key = batch.id
    if batch.stage is not Stage.READING:  # an earlier run was cut off at its very end
        forgetting.forget_file(run.work, key)
        return
    content = uploading.content_of(run.work, batch)
    let_go(session)  # the reading takes long
    try:
        table = reading.read(content)
    except Invalid as problem:
        with writing(session):
            operations.refuse(run.work, _batch(run), problem.text)
        forgetting.forget(run.work, key)
        return
    while run.done < len(table.rows) and not run.cancelled:
        some = operations.sealed_rows(run.work, key, table.rows[run.done : run.done + STAGED])
        with writing(session):
            _batch(run)
            operations.keep_rows(run.work, some)
            run.progress(run.done + len(some), len(table.rows))
    with writing(session):
        batch = _batch(run)
        if stopped := run.done < len(table.rows):
            operations.refuse(run.work, batch, "已停止读取，请重新上传")
        else:
            operations.settle(run.work, batch, table)
            batch.job_id = ""
    (forgetting.forget if stopped else forgetting.forget_file)(run.work, key)


@job(CHECK, TITLES[CHECK])
def check(run: Run) -> None:
    """Judge every row, a few hundred in each transaction. A run that begins again judges all again."""
    with writing(run.work.session):
        batch = _batch(run)
        run.progress(0, batch.total)
        after, ground = batch.heading, _ground(run, batch)
    while not run.cancelled:
        rows = operations.rows_after(run.work, batch, after, most=CHECKED)
        rows, judged = operations.judged_ahead(run.work, batch, ground, rows)
        with writing(run.work.session):
            batch = _batch(run)
            operations.check_some(run.work, batch, rows, judged)
            if not rows:
                operations.end_check(run.work, batch)
                return
            after = rows[-1].number
            run.progress(run.done + len(rows))
    _give_up(run)


@job(PUT, TITLES[PUT])
def put(run: Run) -> None:
    """Put the good rows in, some in each transaction; what is in stays in when it is stopped or killed."""
    with writing(run.work.session):
        batch = _batch(run)
        counts, ground = operations.counted(run.work, batch), _ground(run, batch)
        run.progress(counts["put"], sum(counts.get(verdict, 0) for verdict in operations.PUTTABLE))
    while True:
        rows = [] if run.cancelled else putting.waiting_rows(run.work, batch, most=TOGETHER)
        ready = operations.read_ahead(run.work, batch, ground, rows)
        with writing(run.work.session):
            batch = _batch(run)
            putting.put_some(run.work, batch, ground, ready)
            if batch.problem or not rows:
                putting.end_put(run.work, batch)
                return
            run.progress(run.done + len(rows))
        run.let_others()  # at the end, so that each turn gets something done


@job(TAKE_BACK, TITLES[TAKE_BACK])
def take_back(run: Run) -> None:
    """Undo what the batch did, some rows in each transaction."""
    after = 0  # what could not be undone before a kill is tried once more
    with writing(run.work.session):
        if not run.done:
            run.progress(0, operations.counted(run.work, _batch(run))["put"])
    while True:
        stopped = run.cancelled
        with writing(run.work.session):
            batch = _batch(run)
            if stopped:
                operations.give_up(run.work, batch)
                return
            rows = putting.put_rows(run.work, batch, after=after, most=TOGETHER)
            putting.back_some(run.work, batch, _ground(run, batch), rows)
            if not rows:
                putting.end_back(run.work, batch)
                return
            after = rows[-1].number
            run.progress(min(run.done + len(rows), run.total))
        run.let_others()


def _seen(run: Run) -> ImportBatch:
    """The batch, seen with the rights that its sender has at this moment. Raises NotFound, Refused."""
    viewer: Viewer = in_the_name_of(run.work, run)
    run.work.actor = Actor.of(viewer, "import")
    return queries.by_public_id(viewer, run.work.session, run.payload["batch"])


def _batch(run: Run) -> ImportBatch:
    """The same, held until the transaction ends."""
    batch = _seen(run)
    run.work.session.refresh(batch, with_for_update=True)
    return batch


def _ground(run: Run, batch: ImportBatch) -> Ground:
    return Ground(run.work.session, run.work.session.get_one(Organisation, batch.organisation_id))


def _give_up(run: Run) -> None:
    with writing(run.work.session):
        batch = _batch(run)
        if batch.stage in (Stage.CHECKING, Stage.PUTTING):
            operations.give_up(run.work, batch)
