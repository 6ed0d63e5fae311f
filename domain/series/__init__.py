"""Series: runs of a course that are booked, waited for and completed as one. Each file says what it is."""
