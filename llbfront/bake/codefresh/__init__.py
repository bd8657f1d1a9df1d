"""codefresh.yml as a bake definition: the build steps of a pipeline.

Source: the documentation of Codefresh pipelines (steps, build step, conditional execution).
"""
