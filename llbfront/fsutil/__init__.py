"""Directories on their way to and from the engine: filters, the walk in wire order, the transfer protocol.

    patterns             ignore files and lists of patterns: which paths match
    follow               paths and what their symlinks lead to
    errors               errors about one path or pattern
    stat                 what the wire says of a file, and its encoding
    walk                 a directory → stats in wire order
    content              the pieces of a file that is sent
    diffcopy             the two machines of the transfer: Sender, Receiver
    tree                 received entries → a directory, each file whole or absent
    archive              the first bytes of a stream → what it is

Source: github.com/tonistiigi/fsutil and github.com/moby/patternmatcher.
"""
