import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Conversation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("title", fields.CharField(default="", max_length=120)),
                ("direct_key", fields.CharField(null=True, unique=True, max_length=40)),
                ("last_number", fields.IntField(default=0)),
                ("last_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "conversations",
                "app": "models",
                "pk_attr": "id",
                "table_description": "``last_number`` is the dense number of its newest message; ``direct_key`` makes a pair's conversation one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("what", fields.CharField(max_length=40)),
                ("key", fields.CharField(null=True, max_length=120)),
                ("body", fields.TextField(unique=False)),
                ("error", fields.TextField(default="", unique=False)),
                ("died_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "dead_letters",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A job after its last try: kept to be read, mended and replayed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("what", fields.CharField(max_length=40)),
                ("key", fields.CharField(null=True, max_length=120)),
                ("body", fields.TextField(unique=False)),
                ("run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("tries", fields.IntField(default=0)),
                ("error", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "jobs",
                "app": "models",
                "unique_together": (("what", "key"),),
                "indexes": [Index(fields=["run_at"])],
                "pk_attr": "id",
                "table_description": "``key`` folds repeats of the same ``what`` while one waits; ``body`` is the event that left the job.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Logged",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("topic", fields.CharField(max_length=80)),
                ("seq", fields.BigIntField()),
                ("body", fields.TextField(unique=False)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "log",
                "app": "models",
                "unique_together": (("topic", "seq"),),
                "indexes": [Index(fields=["at"])],
                "pk_attr": "id",
                "table_description": "Written by ``app.log.append`` and read by ``app.log.read``, in raw SQL; here for the schema.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Rejected",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("subject", fields.CharField(max_length=256)),
                ("payload", fields.BinaryField()),
                ("reason", fields.CharField(max_length=40)),
                ("detail", fields.TextField(default="", unique=False)),
                ("published", fields.CharField(unique=True, max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "rejected",
                "app": "models",
                "pk_attr": "id",
                "table_description": "``payload`` is cut to 8 KiB; ``published`` tells one publication from another, so a redelivery is one row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Site",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("value", fields.CharField(max_length=200)),
            ],
            options={
                "table": "site",
                "app": "models",
                "pk_attr": "key",
                "table_description": "Rows ``epoch`` and ``secret``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Throttle",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120)),
                ("tries", fields.IntField(default=0)),
                ("until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "throttles",
                "app": "models",
                "pk_attr": "key",
                "table_description": "One row per key, such as ``login:alice`` or ``login:203.0.113.7``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Topic",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ("head", fields.BigIntField(default=0)),
                ("floor", fields.BigIntField(default=0)),
            ],
            options={
                "table": "topics",
                "app": "models",
                "pk_attr": "name",
                "table_description": "Updating this row in the action's transaction is what makes commit order seq order.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("username", fields.CharField(unique=True, max_length=30)),
                ("display_name", fields.CharField(default="", max_length=80)),
                ("bio", fields.TextField(default="", unique=False)),
                ("password_hash", fields.CharField(max_length=200)),
                ("is_verified", fields.BooleanField(default=False)),
                ("is_admin", fields.BooleanField(default=False)),
                ("unread_notifications", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "users",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Usernames are 3 to 30 of ``a–z 0–9 _``, lowercase; see ``app.actions.accounts`` for the rules.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Avatar",
            fields=[
                (
                    "user",
                    fields.OneToOneField(
                        "models.User",
                        source_field="user_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="picture",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("image", fields.BinaryField()),
                ("etag", fields.CharField(max_length=64)),
            ],
            options={
                "table": "avatars",
                "app": "models",
                "pk_attr": "user_id",
                "table_description": "A square JPEG and the hash that is its ETag.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Follow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "follower",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="follower_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="following",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="followers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "follows",
                "app": "models",
                "unique_together": (("follower", "author"),),
                "pk_attr": "id",
                "table_description": "At most one row for a pair.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Membership",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
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
                        related_name="memberships",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("read_seq", fields.BigIntField(default=0)),
                ("read_number", fields.IntField(default=0)),
                ("delivered_seq", fields.BigIntField(default=0)),
                ("joined_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "memberships",
                "app": "models",
                "unique_together": (("conversation", "user"),),
                "indexes": [Index(fields=["user_id"])],
                "pk_attr": "id",
                "table_description": "Positions are log seqs; ``read_number`` is the message number at ``read_seq``, so unread is a subtraction.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.IntField()),
                ("seq", fields.BigIntField()),
                ("client_id", fields.UUIDField(null=True)),
                ("body", fields.TextField(unique=False)),
                ("html", fields.TextField(unique=False)),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "messages",
                "app": "models",
                "unique_together": (
                    ("conversation", "number"),
                    ("conversation", "seq"),
                    ("author", "client_id"),
                ),
                "pk_attr": "id",
                "table_description": "The same ``client_id`` from the same author is the same message.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notification",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "recipient",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="recipient_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notifications",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "actor",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="actor_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="caused",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=20)),
                ("message", fields.TextField(unique=False)),
                (
                    "data",
                    fields.JSONField(
                        default=dict, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("read", fields.BooleanField(default=False)),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "notifications",
                "app": "models",
                "indexes": [Index(fields=["recipient_id", "sent_at", "id"])],
                "pk_attr": "id",
                "table_description": "``sent_at`` moves when a notification of kind Message is raised again; lists are newest first by it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Post",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="posts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("body", fields.TextField(unique=False)),
                ("html", fields.TextField(unique=False)),
                ("likes", fields.IntField(default=0)),
                ("comments", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "posts",
                "app": "models",
                "indexes": [Index(fields=["author_id", "id"])],
                "pk_attr": "id",
                "table_description": "``likes`` and ``comments`` are kept by the actions in the transaction that changes them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Comment",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="discussion",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="comments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("body", fields.TextField(unique=False)),
                ("html", fields.TextField(unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "comments",
                "app": "models",
                "indexes": [Index(fields=["post_id", "id"])],
                "pk_attr": "id",
                "table_description": "Listed oldest first under its post.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Like",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="likes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="liked_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "likes",
                "app": "models",
                "unique_together": (("post", "user"),),
                "pk_attr": "id",
                "table_description": "At most one row for a pair.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "user",
                    fields.ForeignKeyField(
                        "models.User",
                        source_field="user_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=6)),
                ("secret_hash", fields.CharField(unique=True, max_length=64)),
                ("label", fields.CharField(default="", max_length=200)),
                ("address", fields.CharField(default="", max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sessions",
                "app": "models",
                "indexes": [Index(fields=["user_id", "ended_at"])],
                "pk_attr": "id",
                "table_description": "``kind`` is ``cookie`` or ``token``. An ended session keeps its row for a while and opens nothing.",
            },
            bases=["Model"],
        ),
    ]
