"""Takes each check of a permission out of the code in turn: the tests must notice."""
