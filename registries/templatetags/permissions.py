"""Asking for a permission in a template."""

from django import template

register = template.Library()
