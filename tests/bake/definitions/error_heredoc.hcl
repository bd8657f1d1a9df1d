target "default" {
  dockerfile-inline = <<EOT
FROM a
}
