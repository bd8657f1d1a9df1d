target "default" {
  matrix = { a = ["x"] }
  tags = ["t:${a}"]
}
