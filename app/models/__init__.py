"""NOUNS. One file per table; queries are named methods of the model."""

from app.models.avatar import Avatar
from app.models.block import Block
from app.models.comment import Comment, CommentFacts
from app.models.conversation import Conversation, ConversationFacts
from app.models.follow import Follow
from app.models.group_picture import GroupPicture
from app.models.invite import Invite, InviteFacts
from app.models.job import DeadLetter, Job
from app.models.like import Like
from app.models.logged import Logged
from app.models.membership import MemberFacts, Membership
from app.models.message import Message, MessageFacts
from app.models.message_version import MessageVersion
from app.models.notification import KINDS, ActorFacts, Notification, NotificationFacts
from app.models.post import Post, PostFacts, iso
from app.models.quiet_line import QuietLine
from app.models.reaction import Reaction, ReactionFacts
from app.models.receipt import Receipt
from app.models.rejected import Rejected
from app.models.removal import Removal
from app.models.session import Opening, Session
from app.models.site import Site
from app.models.thread import ThreadFacts, ThreadFollow
from app.models.throttle import Throttle
from app.models.topic import Topic
from app.models.user import Attendance, User, UserFacts, avatar_url

__all__ = [
    "KINDS",
    "ActorFacts",
    "Attendance",
    "Avatar",
    "Block",
    "Comment",
    "CommentFacts",
    "Conversation",
    "ConversationFacts",
    "DeadLetter",
    "Follow",
    "GroupPicture",
    "Invite",
    "InviteFacts",
    "Job",
    "Like",
    "Logged",
    "MemberFacts",
    "Membership",
    "Message",
    "MessageFacts",
    "MessageVersion",
    "Notification",
    "NotificationFacts",
    "Opening",
    "Post",
    "PostFacts",
    "QuietLine",
    "Reaction",
    "ReactionFacts",
    "Receipt",
    "Rejected",
    "Removal",
    "Session",
    "Site",
    "ThreadFacts",
    "ThreadFollow",
    "Throttle",
    "Topic",
    "User",
    "UserFacts",
    "avatar_url",
    "iso",
]
