target "default" {
  unknown = "x"
  tags = ["t"]
  something { nested = 1 }
}
unknown_block "x" { a = 1 }
