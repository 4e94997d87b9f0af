from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0005_reactions")]

    initial = False

    operations = [
        ops.AddField(model_name="Message", name="reply_to", field=fields.UUIDField(null=True)),
        # Few messages are replies: the others are not in it, and cost nothing.
        ops.RunSQL(
            "CREATE INDEX idx_messages_reply_to ON messages (reply_to) WHERE reply_to IS NOT NULL",
            reverse_sql="DROP INDEX idx_messages_reply_to",
        ),
    ]
