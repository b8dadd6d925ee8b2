"""Hook requests: JSON in, HookCall out. A new hook is a module here, its context schema, and a service."""
