variable "A" {
  default = "x"
}
target "default" {
  dockerfile-inline = <<EOT
FROM a
RUN b
EOT
  tags = ["t"]
}
