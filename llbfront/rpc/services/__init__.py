"""The services of BuildKit's APIs, one module each: the methods that llbfront calls or serves.

Source: the .proto files of BuildKit and containerd.
"""
