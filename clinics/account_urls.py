"""The pages of the accounts library that footdrop offers; signing up is not among them."""

from __future__ import annotations

from allauth.account import views
from django.conf import settings
from django.urls import path, re_path

# The names are the library's: it looks them up itself.
urlpatterns = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-out/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("password/", views.password_change, name="account_change_password"),
]
# An invitation leads here too, mail or no mail.
urlpatterns += [
    re_path(
        # The key holds hyphens, the part before it none: a path converter would split at the last.
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"
    ),
]

if settings.PASSWORD_BY_MAIL:
    urlpatterns += [
        path("password/forgotten/", views.password_reset, name="account_reset_password"),
        path("password/forgotten/sent/", views.password_reset_done, name="account_reset_password_done"),
    ]
