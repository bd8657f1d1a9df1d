"""The answers to subrequests, one module each: `answer(request)` gives result metadata as strings.

Source: frontend/subrequests of BuildKit.
"""
