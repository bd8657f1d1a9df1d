variable "A" { default = "x" }
target "default" { tags = ["t:${A}"] }
target "empty" {}
group "all" { targets = ["default", "empty"] }
