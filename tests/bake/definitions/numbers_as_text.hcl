variable "V" { default = 1.10 }
target "default" {
  tags = ["app:${V}", "app:${1.0}", "app:${100000000000000000000}", "x:${0.000001}"]
  shm-size = 1024
  args = { T = true, F = 1.50 }
}
