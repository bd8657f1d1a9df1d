target "default" {
  tags = ["one"]
  args = { A = "1" }
}
target "default" {
  args = { B = "2" }
  platforms = ["linux/amd64"]
}
