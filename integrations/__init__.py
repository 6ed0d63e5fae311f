"""The rest of the outside world: Teams, Zoom, e-mail, calendars, spreadsheets, pictures. Plain values in, plain values out."""
