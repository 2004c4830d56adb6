"""Addresses between signing in and a workspace; allauth's own are under /accounts/."""

from django.urls import path

from integrations import account_views

urlpatterns = [
    path("", account_views.workspace_choose, name="workspace_choose"),
    path("workspaces/", account_views.workspace_list, name="workspace_list"),
    path("invitations/join/", account_views.invitation_join, name="invitation_join"),
    path("invitations/<str:token>/", account_views.invitation_open, name="invitation_open"),
]
