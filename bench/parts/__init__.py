"""One file for each subject: `measure()` returns its rows."""
