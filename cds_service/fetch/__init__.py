"""Fetches the chart data a client did not supply, from the FHIR servers its caller may use.

HookCall and Caller in, Fetched out. Never an error, never longer than the budget, never another server.
"""
