target "default" {
  tags = null
  context = null
  args = { A = null, B = "b" }
  labels = null
  pull = null
}
