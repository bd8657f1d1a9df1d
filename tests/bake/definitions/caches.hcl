target "default" {
  cache-from = ["a,b", "type=local,src=x", "", { type = "s3", bucket = "b", region = "r" }, "type=local,src=x"]
  cache-to = ["type=inline", "type=registry,ref=r,mode=max,TYPE=gha"]
}
