"""Reading the schedules that organisers keep: British dates and times, matching, importing."""
