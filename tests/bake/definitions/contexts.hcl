target "default" {
  context = "https://github.com/docker/buildx.git#v0.10:sub"
  contexts = { empty = "", up = "../up", here = "." }
}
