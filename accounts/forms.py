"""Forms of accounts."""

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):
    """E-mail address or username, and password."""
