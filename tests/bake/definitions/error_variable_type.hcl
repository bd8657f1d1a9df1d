variable "A" {
  type = list(string)
  default = "x"
}
target "default" {}
