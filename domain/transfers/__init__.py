"""Transfers: a place that is handed to a colleague, who must agree. Each file says what it is."""
