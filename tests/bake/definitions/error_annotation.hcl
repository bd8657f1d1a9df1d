target "default" {
  annotations = ["no-value"]
}
