target "default" {
  tags = true ? ["a"] : { a = 1 }
}
