"""Forms about a file, the same for its owner and for staff: fields, labels and choices come from the dictionary."""

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import Field as FormField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.widgets import HiddenInput

from app.kernel.errors import Invalid
from app.league.people.codes import (
    EDUCATIONS,
    ID_TYPES,
    POLITICAL_STATUSES,
    SEXES,
    STANDINGS,
    ethnicities,
)
from app.league.people.editing import free_fields
from app.league.people.fields import Field
from app.league.people.looks import REASONS
from app.league.people.models import Person
from app.surfaces.web.forms import OnceForm, WholeNumberField, choices

CHOICES: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "education": lambda: EDUCATIONS,
    "ethnicity": ethnicities,
    "id_type": lambda: ID_TYPES,
    "political_status": lambda: POLITICAL_STATUSES,
    "sex": lambda: SEXES,
    "standing": lambda: STANDINGS,
}


class VersionForm(OnceForm):
    """A form that knows which version of a thing it was drawn for."""

    version = WholeNumberField(widget=HiddenInput())

    def require_whole(self) -> None:
        """Raises Invalid when the form itself is not whole; the errors already stand beside their fields."""
        if not self.validate():
            raise Invalid({})

    def draw_for(self, version: int) -> None:
        """Take the newer version, so that a second sending is meant for what is shown now."""
        self.version.data, self.version.raw_data = version, None


class EditForm(VersionForm):
    """Free fields; ``edit_form`` adds them."""

    def typed(self, names: list[str]) -> dict[str, str]:
        """What was typed, by field."""
        return {name: self._fields[name].data or "" for name in names}


class RevealForm(OnceForm):
    """Why somebody wants to see a number in full."""

    reason = RadioField("查看的原因", choices=choices(REASONS.items()), validate_choice=False)
    words = StringField("说明")


class CorrectionForm(OnceForm):
    """What a field should say; ``correction_form`` makes ``new`` a list where the field has one."""

    new = StringField("应当是")
    reason = TextAreaField("为什么要更正")


class WordsForm(VersionForm):
    """A decision with its reason."""

    reason = TextAreaField("说明")


def edit_form(person: Person, shown: Mapping[str, Any]) -> EditForm:
    """The free fields of ``person``, filled with ``shown``; a protected one stays empty and empty means unchanged."""

    class Made(EditForm):
        """The form of one kind of file."""

    fields = free_fields(person)
    for field in fields:
        setattr(Made, field.name, input_for(field, field.label))
    values = {field.name: "" if field.protected else shown[field.name] for field in fields}
    return Made(data={**values, "version": person.version})


def correction_form(field: Field) -> CorrectionForm:
    """The form to correct one field."""

    class Made(CorrectionForm):
        """The form of one field."""

        new = input_for(field, f"{field.label}应当是")

    return Made()


def input_for(field: Field, text: str) -> FormField:
    """A list of choices where the dictionary has one, else one line of text."""
    if field.name not in CHOICES:
        return StringField(text)
    named = [("", "请选择"), *CHOICES[field.name]().items()]
    return SelectField(text, choices=choices(named), validate_choice=False)
