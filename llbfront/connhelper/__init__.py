"""Connect to engines: an address (unix, tcp, ssh, docker, docker-container, kube-pod, …) → a `Channel`.

Source: client/connhelper of BuildKit.
"""
