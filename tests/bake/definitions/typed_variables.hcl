variable "S" {
  type = string
  default = 5
}
variable "N" {
  type = number
}
variable "L" {
  type = list(string)
  default = ["a", 1, true]
}
variable "M" {
  type = map(number)
  default = { a = "1" }
}
variable "SET" {
  type = set(string)
  default = ["b", "a", "b"]
}
variable "O" {
  type = object({ name = string, tags = list(string) })
  default = { name = "n", tags = ["t"], extra = 1 }
}
variable "T" {
  type = tuple([string, number])
  default = ["x", "2"]
}
variable "ANY" {
  type = any
  default = { deep = [1] }
}
variable "NOTHING" {
  type = null
  default = "untyped"
}
target "default" {
  args = {
    S = S
    N = N
    L = join(",", L)
    M = M.a + 1
    SET = join(",", SET)
    O = "${O.name}${O.tags[0]}"
    T = T[1] * 2
    ANY = ANY.deep[0]
    NOTHING = NOTHING
    EMPTY = N == null
  }
}
