"""The client: from the arguments of a build to its result.

`engine` holds the public Engine, and `build` runs one build. In the order of a build: `request` (arguments, BuildRequest) and `buildflags` (the
values of `--output`, `--cache-to`, `--secret` and the like), `inputs` (what a build reads locally), `solve` (the call, its session and its
status), `solve_errors` (why a solve failed), `exports` (where results go), `records` (local records of builds). Besides builds: `sources` (image
configs, source policies, lock files), `git` (revisions and changed files), `control` (cache, workers, history) and `layers` (of images).

Source: client/ of BuildKit, build/, commands/build.go and util/buildflags of docker/buildx.
"""
