"""Addresses of sign-in and the account."""

from django.urls import include, path

urlpatterns = [path("account/", include("allauth.account.urls"))]
