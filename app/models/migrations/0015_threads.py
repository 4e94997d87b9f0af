from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0014_removals")]

    initial = False

    operations = [
        ops.AddField(model_name="Message", name="thread_id", field=fields.UUIDField(null=True)),
        ops.AddField(model_name="Message", name="replies", field=fields.IntField(null=True)),
        ops.AddField(
            model_name="Message",
            name="replied_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(model_name="Message", name="repliers", field=fields.TextField(null=True, unique=False)),
        ops.RemoveConstraint(model_name="Message", fields=["conversation", "number"]),
        ops.RemoveConstraint(model_name="Message", fields=["conversation", "seq"]),
        # Messages are looked for in the conversation or in one thread, never in both: each is in the indexes of one.
        ops.RunSQL(
            "CREATE UNIQUE INDEX idx_messages_number ON messages (conversation_id, number) WHERE thread_id IS NULL; "
            "CREATE UNIQUE INDEX idx_messages_seq ON messages (conversation_id, seq) WHERE thread_id IS NULL; "
            "CREATE UNIQUE INDEX idx_messages_thread_number ON messages (thread_id, number) WHERE thread_id IS NOT NULL; "
            "CREATE UNIQUE INDEX idx_messages_thread_seq ON messages (thread_id, seq) WHERE thread_id IS NOT NULL",
            reverse_sql="DROP INDEX idx_messages_number; DROP INDEX idx_messages_seq; "
            "DROP INDEX idx_messages_thread_number; DROP INDEX idx_messages_thread_seq",
        ),
        ops.CreateModel(
            name="ThreadFollow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "thread",
                    fields.ForeignKeyField(
                        "models.Message",
                        source_field="thread_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="followers",
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
                        related_name="followed_threads",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("is_followed", fields.BooleanField(default=True)),
                ("read_number", fields.IntField(default=0)),
                ("read_seq", fields.BigIntField(default=0)),
            ],
            options={
                "table": "thread_follows",
                "app": "models",
                "unique_together": (("thread", "user"),),
                "indexes": [Index(fields=["user_id"])],
                "pk_attr": "id",
                "table_description": "Somebody who follows a thread, or (``is_followed`` is false) said that they do not want to.",
            },
            bases=["Model"],
        ),
    ]
