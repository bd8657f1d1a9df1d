target "default" {
  args = { A = "$${x} %%{y}" }
  labels = { L = "$${x}" }
  annotations = ["k=$${x}"]
  tags = ["t:$${x}"]
  extra-hosts = { h = "$${x}" }
  dockerfile-inline = "FROM $${x}"
}
