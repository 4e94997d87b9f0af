"""A topic's counter: ``head`` is its newest seq, ``floor`` the newest one that has been pruned."""

from tortoise import fields
from tortoise.models import Model


class Topic(Model):
    """Updating this row in the action's transaction is what makes commit order seq order."""

    name = fields.CharField(max_length=80, primary_key=True)
    head = fields.BigIntField(default=0)
    floor = fields.BigIntField(default=0)

    class Meta:
        table = "topics"
