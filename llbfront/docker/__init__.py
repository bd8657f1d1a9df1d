"""Docker engines: the settings that say where one is (`config`, `context`), and its HTTP API (`api`, `ping`, `heartbeat`).

The connection to the BuildKit inside a docker engine is in `connhelper`, since it is one of the ways to a channel.

Source: cli/config and cli/context of docker/cli; Docker Engine API.
"""
