variable "A" { type = strin }
target "default" {}
