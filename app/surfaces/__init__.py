"""The doors: Flask lives here. Each view: gate → form → one operation or query → one template."""

from app.surfaces import demonstration as demonstration
from app.surfaces import inbox
from app.surfaces.api import bp as api
from app.surfaces.portal import developers as developers
from app.surfaces.portal import feeds as feeds
from app.surfaces.portal import home as home
from app.surfaces.portal import install as install
from app.surfaces.portal import notices as notices
from app.surfaces.qingchun import application as application
from app.surfaces.qingchun import application_check as application_check
from app.surfaces.qingchun import application_guardian as application_guardian
from app.surfaces.qingchun import application_place as application_place
from app.surfaces.qingchun import application_progress as application_progress
from app.surfaces.qingchun import codes as codes
from app.surfaces.qingchun import file as my_file
from app.surfaces.qingchun import guardian as guardian
from app.surfaces.qingchun import home as my_home
from app.surfaces.qingchun import messages as messages
from app.surfaces.qingchun import my_changes as my_changes
from app.surfaces.qingchun import new_phone
from app.surfaces.qingchun import registration as registration
from app.surfaces.qingchun import reset as reset
from app.surfaces.qingchun import second_factor as second_factor
from app.surfaces.qingchun import security as security
from app.surfaces.qingchun import sign_in as sign_in
from app.surfaces.tuanwutong import appointing as appointing
from app.surfaces.tuanwutong import appointments as appointments
from app.surfaces.tuanwutong import audit as audit
from app.surfaces.tuanwutong import cases as cases
from app.surfaces.tuanwutong import classes as classes
from app.surfaces.tuanwutong import corrections as corrections
from app.surfaces.tuanwutong import deciding as deciding
from app.surfaces.tuanwutong import desk as desk
from app.surfaces.tuanwutong import exports as exports
from app.surfaces.tuanwutong import file_changes as file_changes
from app.surfaces.tuanwutong import files as files
from app.surfaces.tuanwutong import imports as imports
from app.surfaces.tuanwutong import inviting as inviting
from app.surfaces.tuanwutong import key_settings as key_settings
from app.surfaces.tuanwutong import lost_factor as lost_factor
from app.surfaces.tuanwutong import machine as machine
from app.surfaces.tuanwutong import notice_images as notice_images
from app.surfaces.tuanwutong import notices as notices_admin
from app.surfaces.tuanwutong import organisations as organisations
from app.surfaces.tuanwutong import organisations_closing as organisations_closing
from app.surfaces.tuanwutong import organisations_making as organisations_making
from app.surfaces.tuanwutong import organisations_shape as organisations_shape
from app.surfaces.tuanwutong import overview as overview
from app.surfaces.tuanwutong import people as people
from app.surfaces.tuanwutong import placing as placing
from app.surfaces.tuanwutong import practice as practice
from app.surfaces.tuanwutong import queue as queue
from app.surfaces.tuanwutong import roster as roster
from app.surfaces.tuanwutong import style as style
from app.surfaces.tuanwutong import tasks as tasks
from app.surfaces.tuanwutong import why as why
from app.surfaces.web import waiting as waiting
from app.surfaces.wechat import binding as wechat_binding
from app.surfaces.wechat import callback as wechat
from app.surfaces.wechat import login as wechat_login

BLUEPRINTS = (
    home.bp,
    waiting.bp,
    notices.bp,
    feeds.bp,
    install.bp,
    developers.bp,
    registration.bp,
    guardian.bp,
    sign_in.bp,
    reset.bp,
    my_home.bp,
    messages.bp,
    application.bp,
    application_place.bp,
    application_check.bp,
    application_guardian.bp,
    application_progress.bp,
    codes.bp,
    my_file.bp,
    security.bp,
    new_phone.bp,
    desk.bp,
    queue.bp,
    placing.bp,
    practice.bp,
    roster.bp,
    classes.bp,
    inviting.bp,
    imports.bp,
    why.bp,
    people.bp,
    exports.bp,
    corrections.bp,
    overview.bp,
    organisations.bp,
    appointments.bp,
    lost_factor.bp,
    notices_admin.bp,
    audit.bp,
    machine.bp,
    style.bp,
    tasks.bp,
    inbox.bp,
    wechat.bp,
    wechat_login.bp,
    wechat_binding.bp,
    api,
)
