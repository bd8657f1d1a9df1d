"""Directories on their way to and from the engine: filters, the walk in wire order, the transfer protocol.

    patterns, globs      lines of an ignore file → which paths match
    follow               paths that a Dockerfile names → the same with symlinks resolved
    stat                 what the wire says of a file, and its encoding
    walk                 a directory → stats in wire order
    diffcopy             the two machines of the transfer: Sender, Receiver
    tree                 received entries → a directory, each file whole or absent
    archive              the first bytes of a stream → what it is

Source: github.com/tonistiigi/fsutil and github.com/moby/patternmatcher.
"""
