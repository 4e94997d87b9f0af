from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0013_removed")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Removal",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="removals",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="removals",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "removals",
                "app": "models",
                "unique_together": (("conversation", "user"),),
                "pk_attr": "id",
                "table_description": "At most one for a group and a person. Who left by themselves has none.",
            },
            bases=["Model"],
        ),
    ]
