target "default" {
  output = ["out", "type=tar,dest=x.tar", "type=image,name=a,push=true", { type = "registry", ref = "x" }, "out", "type=cacheonly"]
}
