"""Plain forms: the shape of what is sent. The rules are in the operations."""

from __future__ import annotations

from django import forms


class SetUpForm(forms.Form):
    """The first person and their organization."""

    full_name = forms.CharField(
        label="Your name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    username = forms.CharField(
        label="Username",
        max_length=63,
        help_text="Letters, digits, - and _. It stands in addresses.",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 12 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    display_name = forms.CharField(
        label="Organization",
        max_length=113,
        help_text="As people know it: Northwind Labs.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    organization = forms.CharField(
        label="Organization's short name",
        max_length=63,
        help_text="As addresses and programs have it: northwind.",
        widget=forms.TextInput(attrs={"autocapitalize": "none"}),
    )
