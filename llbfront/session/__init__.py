"""What the engine may ask of us during a build: files, secrets, tokens, agents; each module offers `services()`.

`tunnel` carries the calls; the other modules answer them.

Source: session/ of BuildKit.
"""
