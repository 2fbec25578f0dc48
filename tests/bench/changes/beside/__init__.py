"""The migrations of surveys, and what the benchmark adds."""

from surveys import migrations

__path__ = [*migrations.__path__, *__path__]
