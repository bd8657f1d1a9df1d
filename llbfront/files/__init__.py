"""Files that the user names: inputs are read once, outputs are written whole or not at all."""
