"""Why a solve failed: the error of the engine, its place in the Dockerfile, and hints."""
