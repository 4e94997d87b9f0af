from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0012_blocks")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Message",
            name="is_removed",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
