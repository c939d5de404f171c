"""Calendars say nothing about a person."""

from ..accounts.copies import whole

whole("worktime.officehours", "worktime.dayoverride", "worktime.version")
