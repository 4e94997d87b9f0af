from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0010_reacted")]

    initial = False

    operations = [
        ops.CreateModel(
            name="GroupPicture",
            fields=[
                (
                    "conversation",
                    fields.OneToOneField(
                        "models.Conversation",
                        source_field="conversation_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="face",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("image", fields.BinaryField()),
            ],
            options={
                "table": "group_pictures",
                "app": "models",
                "pk_attr": "conversation_id",
                "table_description": "A square JPEG; its hash is the conversation's ``picture``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Invite",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="invites",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="made_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="invites",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=43)),
                ("used", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "invites",
                "app": "models",
                "indexes": [Index(fields=["conversation_id"])],
                "pk_attr": "id",
                "table_description": "``code`` is what is secret in the link. It is kept as it is, so that the link can be shown again.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QuietLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("seq", fields.BigIntField()),
                ("kind", fields.CharField(max_length=40)),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "quiet_lines",
                "app": "models",
                "unique_together": (("conversation", "seq"),),
                "pk_attr": "id",
                "table_description": "``kind`` is the event's name; ``body`` the JSON of its facts, kept as they were then.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Conversation",
            name="members",
            field=fields.IntField(default=2, db_default=2),
        ),
        ops.AddField(
            model_name="Conversation",
            name="picture",
            field=fields.CharField(default="", db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="Membership",
            name="role",
            field=fields.CharField(default="member", db_default="member", max_length=6),
        ),
        # Of the groups there are, who began one owns it: their membership was written first.
        ops.RunSQL(
            "UPDATE conversations SET members = (SELECT count(*) FROM memberships WHERE memberships.conversation_id = conversations.id); "
            "UPDATE memberships SET role = 'owner' WHERE id IN (SELECT min(memberships.id) FROM memberships "
            "JOIN conversations ON conversations.id = conversation_id WHERE direct_key IS NULL GROUP BY conversation_id)"
        ),
    ]
