"""HTTP requests to registries, token servers and other web servers with urllib3, and the proxies that the environment names for them.

Importing `llbfront.http.client` loads urllib3, so modules that every build loads import it where they need it.
"""
