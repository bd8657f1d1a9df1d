variable "K" { default = "key" }
target "default" {
  args = {
    plain = 1
    "quoted" = 2
    (K) = 3
    "t${K}" : 4,
    true = 5
    if = 6
    for_x = 7
  }
}
