"""The engine's state besides running builds: its cache, its workers and its build history.

Source: client/diskusage.go, client/prune.go and client/workers.go of BuildKit.
"""
