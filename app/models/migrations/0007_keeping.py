from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0006_replies")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Membership",
            name="seen_seq",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Membership",
            name="unread_marks",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Membership",
            name="pinned_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Membership",
            name="muted_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Membership",
            name="archived_number",
            field=fields.IntField(null=True),
        ),
    ]
