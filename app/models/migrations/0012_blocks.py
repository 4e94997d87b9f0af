from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0011_groups")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Block",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "blocker",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="blocker_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="blocks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "blocked",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="blocked_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="blocked_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "blocks",
                "app": "models",
                "unique_together": (("blocker", "blocked"),),
                "indexes": [Index(fields=["blocked_id"])],
                "pk_attr": "id",
                "table_description": "At most one row for a pair and a direction.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Conversation",
            name="is_blocked",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AlterModelOptions(
            name="GroupPicture",
            options={
                "table": "group_pictures",
                "app": "models",
                "pk_attr": "conversation_id",
                "table_description": "A square JPEG; its hash is the conversation's ``picture``.",
            },
        ),
    ]
