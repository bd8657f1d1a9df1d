target "default" {
  tags = ["a\d"]
}
