"""Where results go: exporter responses, images in docker engines, provenance for metadata files."""
