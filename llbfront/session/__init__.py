"""The services that the engine may call during a build: files, secrets, tokens, SSH agents. Each module has a function `services()`.

`tunnel` carries the calls; the other modules answer them.

Source: session/ of BuildKit.
"""
