variable "N" { default = 3 }
variable "LIST" { default = ["x", "y"] }
target "default" {
  args = {
    PLAIN = "a$b%c"
    ESCAPED = "\"q\" \\ \t \u00e9 $${x} %%{y}"
    SUM = "${N + 1}"
    MIXED = "<${N}>"
    TRIM = "a ${~ N ~} b"
    IF = "%{ if N > 2 }big%{ else }small%{ endif }"
    FOR = "%{ for i, v in LIST }${i}=${v},%{ endfor }"
    NESTED = "${"${"in"}ner"}"
    BOOL = "${true}"
  }
}
