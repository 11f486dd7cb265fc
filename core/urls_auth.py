"""/api/auth/…"""

from django.urls import path

from core.views import auth

urlpatterns = [
    path("login/", auth.LoginView.as_view(), name="auth-login"),
    path("refresh/", auth.RefreshView.as_view(), name="auth-refresh"),
    path("logout/", auth.LogoutView.as_view(), name="auth-logout"),
    path("ticket/", auth.TicketView.as_view(), name="auth-ticket"),
    path("me/", auth.MeView.as_view(), name="auth-me"),
    path("me/verify_phone/", auth.VerifyPhoneView.as_view(), name="auth-verify-phone"),
    path("change_password/", auth.ChangePasswordView.as_view(), name="auth-change-password"),
    path("password_reset/", auth.PasswordResetView.as_view(), name="auth-password-reset"),
    path("password_reset/confirm/", auth.PasswordResetConfirmView.as_view(), name="auth-password-reset-confirm"),
]
