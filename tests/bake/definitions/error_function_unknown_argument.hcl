function "f" {
  params = []
  result = 1
  other = 2
}
target "default" {}
