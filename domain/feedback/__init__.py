"""Feedback: the questions, who is asked, and answers that carry no person. Each file says what it is."""
