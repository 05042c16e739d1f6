"""A tuned Django admin over the rows of the product: one file, run by the Python of an environment of its own.

Tuned: joins in one statement, no counting of the whole, a search that an index can answer, 50 rows a page.
`python django_site.py prepare` makes its own tables in the (copied) database and prints a signed-in session; gunicorn
serves `django_site:application`. BENCH_DATABASE names the file.
"""

import os
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="for measuring alone",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=2147418112;",
            },
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.admin",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    STATIC_URL="/static/",
)
django.setup()

from django.contrib import admin  # noqa: E402 — after the settings
from django.core.paginator import Paginator  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402


class Organisation(models.Model):
    """The product's organisations."""

    name = models.CharField(max_length=100)
    full_name = models.CharField(max_length=400)

    class Meta:
        """Read, never made."""

        app_label, managed, db_table = "auth", False, "organisations"


class Person(models.Model):
    """The product's files."""

    public_id = models.CharField(max_length=32)
    name = models.CharField(max_length=50)
    standing = models.CharField(max_length=32)
    state = models.CharField(max_length=32)
    id_number_sealed = models.TextField()
    id_number_index = models.CharField(max_length=48)
    phone_sealed = models.TextField()
    birth_date = models.DateField()
    org_path = models.CharField(max_length=64)
    organisation = models.ForeignKey(Organisation, models.DO_NOTHING)

    class Meta:
        """Read, never made."""

        app_label, managed, db_table = "auth", False, "people"


class Uncounted(Paginator):
    """Pages that nobody has counted."""

    count = 10**9


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """The list."""

    list_display = ("name", "standing", "state", "birth_date", "public_id", "where", "id_number_sealed", "phone_sealed")
    list_select_related = ("organisation",)
    list_per_page = 50
    ordering = ("org_path", "id")
    raw_id_fields = ("organisation",)
    show_full_result_count = False
    paginator = Uncounted
    search_fields = ("name__startswith",)

    def where(self, row: Person) -> str:
        """The full name of the organisation."""
        return row.organisation.full_name


urlpatterns = [path("admin/", admin.site.urls)]
application = get_wsgi_application()


def prepare() -> None:
    """Make the admin's own tables and somebody who is signed in; print the session's key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    who = User.objects.create_superuser("measuring", password="measuring")
    session = SessionStore()
    session[SESSION_KEY] = str(who.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = who.get_session_auth_hash()
    session.save()
    sys.stdout.write(str(session.session_key))


if __name__ == "__main__" and sys.argv[1:] == ["prepare"]:
    prepare()
