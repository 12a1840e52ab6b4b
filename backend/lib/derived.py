"""Columns that follow other columns of their row: the folded twin of a name, the key of an address.

They are written whenever the row is saved, bulk insertion included, and nobody can forget them: ``Derives`` adds them
to ``update_fields``. Only ``QuerySet.update`` passes them by; whoever uses it on a source writes the twin too.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import models

from backend.lib.text import folded


class DerivedField(models.CharField):  # type: ignore[type-arg]
    """``by`` of the row's ``sources``, joined by a space, cut to the column's length."""

    def __init__(self, *, sources: Sequence[str] = (), by: Callable[[str], str] = folded, **kwargs: Any) -> None:
        self.sources, self.by = tuple(sources), by
        defaults: dict[str, Any] = {"max_length": 300, "blank": True, "default": "", "editable": False}
        super().__init__(**defaults | kwargs)

    def deconstruct(self) -> Any:
        """To migrations it is a text column: they never compute."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.value_for(model_instance)
        setattr(model_instance, self.attname, value)
        return value

    def value_for(self, row: models.Model) -> str:
        return self.by(" ".join(str(getattr(row, source)) for source in self.sources))[: self.max_length]


class Derives(models.Model):
    """A model with such columns."""

    class Meta:
        abstract = True

    def derive(self) -> list[str]:
        """Bring these columns up to date for ``bulk_update``, which does not; gives their names."""
        own = [field for field in self._meta.concrete_fields if isinstance(field, DerivedField)]
        for field in own:
            field.pre_save(self, False)
        return [field.name for field in own]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None:
            wanted = set(update_fields)
            own = (field for field in self._meta.concrete_fields if isinstance(field, DerivedField))
            update_fields = wanted | {field.name for field in own if wanted & set(field.sources)}
        super().save(*args, update_fields=update_fields, **kwargs)
