"""Two ways to change a large table, after all migrations that surveys has."""

from pkgutil import iter_modules

from surveys import migrations

LAST = max(module.name for module in iter_modules(migrations.__path__))
