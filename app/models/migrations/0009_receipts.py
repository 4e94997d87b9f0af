from tortoise import migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0008_drafts")]

    initial = False

    operations = [
        ops.RenameField(model_name="Membership", old_name="seen_seq", new_name="shown_seq"),
        ops.RunSQL("UPDATE memberships SET shown_seq = greatest(shown_seq, read_seq)"),
        ops.AddField(
            model_name="User",
            name="hides_receipts",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.CreateModel(
            name="Receipt",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="receipts",
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
                        related_name="receipts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("seq", fields.BigIntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "receipts",
                "app": "models",
                "unique_together": (("conversation", "user", "seq"),),
                "indexes": [Index(fields=["at"])],
                "pk_attr": "id",
                "table_description": "The user has read up to ``seq`` at this moment. Who hides how far they have read leaves none.",
            },
            bases=["Model"],
        ),
    ]
