variable "X" { default = "1" }
target "default" {
  dockerfile-inline = <<-EOT
    FROM alpine

      RUN echo ${X}
    %{ if X == "1" ~}
    RUN yes
    %{ endif ~}
    END
  EOT
  args = {
    A = <<EOF
keep
  this ${X}
EOF
    B = join(",", [for l in split("\n", trimspace(<<T
x
y
T
)): upper(l)])
  }
}
