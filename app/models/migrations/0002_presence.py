from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [
        ops.AlterModelOptions(
            name="Avatar",
            options={
                "table": "avatars",
                "app": "models",
                "pk_attr": "user_id",
                "table_description": "A square JPEG and the hash that is its ETag.",
            },
        ),
        ops.AddField(
            model_name="User",
            name="hides_presence",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="User",
            name="last_seen_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
