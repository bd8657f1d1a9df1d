"""Connect to engines by address (unix, tcp, ssh, docker, docker-container, kube-pod, …); the result is a `Channel`.

Source: client/connhelper of BuildKit.
"""
