"""What a build reads on this side of the connection: the context, the Dockerfile and the named contexts."""
