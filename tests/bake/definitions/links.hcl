group "default" { targets = ["app"] }
target "app" {
  contexts = { base = "target:base", tools = "target:tools" }
}
target "base" {
  entitlements = ["network.host"]
  output = ["type=image"]
  contexts = { deep = "target:deep" }
}
target "tools" { network = "host" }
target "deep" { tags = ["deep"] }
