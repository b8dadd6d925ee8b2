"""HTTP in, HTTP out; knows statuses and headers, decides nothing."""
