"""Transfer directories to and from the engine: filters, the walk in wire order, the protocol.

    patterns             ignore files and lists of patterns: which paths match
    follow               paths and what their symlinks lead to
    errors               errors about one path or pattern
    stat                 the metadata of a file, and the packets of the protocol
    walk                 a directory as stats in wire order
    content              the pieces of a file that is sent
    diffcopy             the state machines of the transfer: Sender, Receiver
    entry_validator      the order and the paths that a receiver accepts
    disk_writer          received entries as a directory, each file whole or absent
    archive              the kind of an archive, by its first bytes
    tar_errors           why a tar cannot be read

Source: github.com/tonistiigi/fsutil and github.com/moby/patternmatcher.
"""
