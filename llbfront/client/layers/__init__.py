"""The layers of an image: what each adds, hides and wastes, and how two images differ.

Source: the image layer specification of OCI for whiteouts.
"""
