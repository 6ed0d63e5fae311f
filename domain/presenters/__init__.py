"""Presenters: who presents a session, and how they are asked, told and kept told. Each file says what it is."""
