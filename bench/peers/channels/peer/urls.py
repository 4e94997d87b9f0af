"""The pages."""

from django.urls import path

from peer import views

urlpatterns = [
    path("", views.feed),
    path("chat/<str:name>/", views.chat),
    path("notifications/", views.notifications),
]
