target "default" {
  name = "${item.name}-${os}"
  matrix = {
    item = [{ name = "a", args = { X = "1" } }, { name = "b", args = { X = "2", Y = "3" } }]
    os = ["linux"]
  }
  args = item.args
  target = item.name
}
