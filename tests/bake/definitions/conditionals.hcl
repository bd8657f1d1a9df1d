variable "V" { default = "" }
target "default" {
  tags = V != "" ? ["a:${V}"] : []
  args = {
    A = V == "" ? null : V
    B = true ? 1 : "x"
    C = false ? undefined_thing : "ok"
    D = true ? [1] != [2] : false
  }
  output = V == "" ? ["type=docker"] : []
  labels = V == "" ? { a = "b" } : {}
}
