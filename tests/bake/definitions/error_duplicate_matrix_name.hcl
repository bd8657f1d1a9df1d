target "default" {
  name = "same"
  matrix = { a = ["1", "2"] }
}
