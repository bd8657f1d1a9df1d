variable "A" { default = "${B}-a" }
variable "B" { default = upper(C) }
variable "C" { default = "c" }
target "one" {
  tags = ["one:${A}"]
  args = { X = target.two.args.Y, T = target.two.tags[0], D = target.two.description }
  platforms = target.two.platforms
  context = target.two.context
}
target "two" {
  description = "second"
  args = { Y = "y" }
  tags = ["two", "zwei"]
  platforms = ["linux/arm64"]
  context = "two"
  dockerfile = target.one.tags[0]
}
group "default" { targets = ["one", "two"] }
