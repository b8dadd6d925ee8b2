"""One module for each change of the tables; it only adds, so that old and new workers can share them."""
