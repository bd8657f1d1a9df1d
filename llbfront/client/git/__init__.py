"""Git's information about a local directory: its commit, which files changed, and files of a revision."""
