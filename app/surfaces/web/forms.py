"""The base of all forms: Chinese messages, errors of the domain beside their fields, a once-key."""

import secrets
from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField, PasswordField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.errors import Invalid

# Names of fields whose values no page repeats that did not ask for them: passwords of all forms, codes of messages.
SECRET_NAMES = {"csrf_token", "code"}

LARGEST_NUMBER = 2**31 - 1


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose checks of substance are the domain's: WTForms carries fields, labels and errors."""

    class Meta:
        """Messages in Chinese."""

        locales = ["zh"]

    def __init_subclass__(cls, **values: Any) -> None:
        """Note what is secret in the form."""
        super().__init_subclass__(**values)
        kinds = {name: getattr(field, "field_class", object) for name, field in vars(cls).items()}
        SECRET_NAMES.update(name for name, kind in kinds.items() if issubclass(kind, PasswordField))

    def blame(self, problem: Invalid) -> None:
        """Put the domain's errors beside the fields they belong to; what has no field stands on top."""
        for name, sentence in problem.errors.items():
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, sentence]
            else:
                self.form_errors.append(sentence)

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """(id of the field, sentence) for the summary on top; the id is "" for the form as a whole."""
        found = [("", sentence) for sentence in self.form_errors]
        found += [(f.id, sentence) for f in self for sentence in _sentences(f)]
        return found


class OnceForm(Form):
    """A form whose second sending has no second effect: pass ``form.once.data`` to ``changing``."""

    once = HiddenField(validators=[DataRequired(), Length(max=48)], default=lambda: secrets.token_urlsafe(16))


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number that a column can hold; a larger one is no number."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it. Raises ValueError."""
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) > LARGEST_NUMBER:
            self.data = None
            raise ValueError("这个数太大了")


class MultiCheckboxField(SelectMultipleField):  # type: ignore[misc]
    """Several of a list, as check boxes of one name."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """(value, label) pairs as the choices of a select or of radio buttons."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


def filled(message: str) -> DataRequired:
    """The field must not be empty; ``message`` says so in the user's words."""
    return DataRequired(message)


def _sentences(field: Field) -> list[str]:
    errors: Any = field.errors
    return [str(e) for e in errors]
