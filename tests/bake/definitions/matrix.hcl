variable "VERSIONS" { default = ["1.0", "2.0"] }
group "default" { targets = ["app"] }
target "app" {
  name = "app-${replace(v, ".", "_")}"
  matrix = { v = VERSIONS }
  tags = ["app:${v}"]
  args = { V = v }
}
