"""Each check of permission is taken out in turn, and the suite must fail every time."""
