target "base" {
  args = { A = "base", B = "base" }
  tags = ["base"]
  labels = { one = "1" }
  platforms = ["linux/amd64"]
  cache-from = ["type=registry,ref=base"]
  annotations = ["a=1"]
}
target "middle" {
  inherits = ["base"]
  args = { B = "middle" }
  cache-from = ["middle"]
}
target "default" {
  inherits = ["middle", "extra"]
  args = { C = null, D = "" }
  cache-to = ["type=local,dest=cache", "type=local,dest=cache"]
  annotations = ["b=2", "a=1"]
}
target "extra" {
  tags = []
  labels = { two = "2" }
  no-cache = true
}
