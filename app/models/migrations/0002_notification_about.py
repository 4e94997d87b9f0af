from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


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
            model_name="Notification",
            name="about",
            field=fields.CharField(default="", max_length=60),
        ),
        ops.AddIndex(
            model_name="Notification",
            index=Index(fields=["about"]),
        ),
    ]
