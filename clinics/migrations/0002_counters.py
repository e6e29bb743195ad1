"""Makes the table in which wrong sign-ins are counted across workers."""

from __future__ import annotations

from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def make_table(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the database cache's table; nothing happens when it is there."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    """The table holds no clinical data and may be emptied at any time."""

    dependencies = [("clinics", "0001_initial")]
    operations = [migrations.RunPython(make_table, migrations.RunPython.noop)]
