function "greet" {
  params = [name, mark]
  result = "hello ${name}${mark}"
}
function "all" {
  params = [first]
  variadic_params = rest
  result = "${first}:${join("+", rest)}:${length(rest)}"
}
function "tags" {
  params = [v]
  result = [tag(v), tag("latest")]
}
function "tag" {
  params = [v]
  result = "${REPO}:${v}"
}
variable "REPO" { default = "reg/app" }
target "default" {
  args = {
    A = greet("you", "!")
    B = all("x")
    C = all("x", "y", "z")
  }
  tags = tags("1.2")
}
