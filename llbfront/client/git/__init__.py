"""What git tells of a local directory: its commit, which files changed, and files of a revision."""
