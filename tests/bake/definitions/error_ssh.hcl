target "default" {
  ssh = ["default=/"]
}
