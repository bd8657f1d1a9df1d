target "default" {
  ulimits = ["nosuch=1"]
}
