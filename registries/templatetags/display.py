"""How sizes, digests, times and names are shown."""

from django import template

register = template.Library()
