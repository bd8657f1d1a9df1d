variable "M" { default = { b = 2, a = 1 } }
target "default" {
  tags = [for k, v in M : "${k}${v}"]
  args = { for k, v in M : upper(k) => v if v > 1 }
  labels = { for i, s in ["x", "y"] : "l${i}" => s }
  contexts = { for k, v in { for s in ["aa", "ab", "ba"] : substr(s, 0, 1) => s... } : k => join("-", v) }
  cache-from = [for v in M : "ref${v}"]
}
