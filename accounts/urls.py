"""Addresses of sign-in and the account."""

from __future__ import annotations

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.views import invitations, keys, profile, sessions, sign_in

account = [
    path("", profile.profile, name="profile"),
    path("theme/", profile.theme, name="theme"),
    path("shortcuts/", profile.shortcuts, name="shortcuts"),
    path("place/", profile.place, name="place"),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/<int:pk>/end/", sessions.end, name="end_session"),
    path("sessions/end-others/", sessions.end_others, name="end_other_sessions"),
    path("keys/", keys.keys, name="keys"),
    path("keys/new/", keys.create_key, name="create_key"),
    path("keys/<int:pk>/rotate/", keys.rotate_key, name="rotate_key"),
    path("keys/<int:pk>/revoke/", keys.revoke_key, name="revoke_key"),
]

reset = [
    path("", sign_in.ForgottenPassword.as_view(), name="account_reset_password"),
    path("sent/", sign_in.LinkSent.as_view(), name="account_reset_password_done"),
    # Of this form, for logs mask what follows "reset/key/".
    re_path(
        r"^key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        sign_in.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
]

# These names are allauth's own: its code reverses them.
signing_in = [
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("password/reset/", include(reset)),
    path(
        "password/change/",
        sign_in.AnotherPassword.as_view(),
        name="account_change_password",
    ),
    # Whoever has no password yet gets the first one through the same mail.
    path(
        "password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
]

urlpatterns = [
    # Where the `wandb` SDK sends people who have no key yet.
    path("authorize/", keys.authorize, name="authorize"),
    path("account/", include((account, "accounts"))),
    path("account/", include(signing_in)),
]
