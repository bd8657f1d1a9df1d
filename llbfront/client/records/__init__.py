"""Local records of builds, for `llbfront why` and `llbfront trace`."""
