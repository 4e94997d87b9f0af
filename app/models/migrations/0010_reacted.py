from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0009_receipts")]

    initial = False

    operations = [
        ops.AddField(model_name="Message", name="reacted", field=fields.TextField(null=True, unique=False)),
        ops.RunSQL(
            "UPDATE messages SET reacted = (SELECT json_agg(each ORDER BY place) FROM (SELECT emoji, count(*) AS count, "
            "(array_agg(username ORDER BY r.id))[1:20] AS usernames, min(r.id) AS place FROM reactions r "
            "JOIN users ON users.id = r.user_id WHERE r.message_id = messages.id GROUP BY emoji) AS each) "
            "WHERE id IN (SELECT message_id FROM reactions)",
            reverse_sql=ops.RunSQL.noop,
        ),
    ]
