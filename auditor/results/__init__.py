"""Answers become findings, verdicts and an `AuditResult`."""
