"""The tests, as a package: installed libraries bring a top-level folder of the same name."""
