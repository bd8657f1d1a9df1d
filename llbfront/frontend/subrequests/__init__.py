"""The answers to subrequests, one module each: `answer(request)` gives result metadata as texts.

Source: frontend/subrequests of BuildKit.
"""
