from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0007_keeping")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Membership",
            name="draft",
            field=fields.TextField(default="", db_default=""),
        ),
    ]
