"""Logging in and passwords, by allauth; only the pages that this portal wants.

Staff make the accounts, or who is invited to a team makes their own (sellers/views/joining.py);
there is no other sign-up, and nobody changes an e-mail by themselves.
"""

from allauth.account import views
from allauth.mfa.base import views as code_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as app_views
from django.contrib.auth.decorators import login_required
from django.urls import path, re_path
from django.views.generic import RedirectView

from sellers.views.reader import ForgottenPassword, NewPassword, recovery_codes

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm/", login_required(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    # Who has none gets one by mail, as when it is forgotten.
    path(
        "password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("password/reset/", ForgottenPassword.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("two-step/code/", code_views.authenticate, name="mfa_authenticate"),
    # For who is logged in: of a stranger allauth would keep in the session what they post.
    *(
        path(f"two-step/{place}", login_required(view), name=f"mfa_{name}")
        for place, view, name in (
            ("", code_views.index, "index"),
            ("confirm/", code_views.reauthenticate, "reauthenticate"),
            ("app/", app_views.activate_totp, "activate_totp"),
            ("app/remove/", app_views.deactivate_totp, "deactivate_totp"),
            ("recovery/", recovery_codes, "view_recovery_codes"),
            ("recovery/new/", recovery_views.generate_recovery_codes, "generate_recovery_codes"),
        )
    ),
]
