variable "O" { default = [{ n = "a", l = [1] }, { n = "b", l = [2, 3] }] }
target "default" {
  tags = O[*].n
  no-cache-filter = O.*.n
  platforms = [for l in O[*].l[0] : "linux/arm${l + 5}"]
  args = {
    A = O[1].l[1]
    B = O.0.n
    C = join(",", "single"[*])
    D = length(null[*])
    E = O[0]["n"]
  }
}
