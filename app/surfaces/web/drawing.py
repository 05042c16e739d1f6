"""How Jinja draws here: what is the same on every page is made once a process."""

from typing import Any

from flask import Flask
from flask.templating import Environment as FlaskEnvironment
from jinja2 import Template as JinjaTemplate
from jinja2.environment import TemplateModule


class Template(JinjaTemplate):
    """A template whose macros are made once.

    Jinja looks at each import whether the importing template knows globals that the imported one does not, name by
    name; here all share those of the environment, so there are none.
    """

    def _get_default_module(self, ctx: Any = None) -> TemplateModule:
        return super()._get_default_module()


class Environment(FlaskEnvironment):
    """Flask's environment with the templates above."""

    template_class = Template


class DrawingFlask(Flask):
    """Flask with the environment above."""

    jinja_environment = Environment
