target "default" {
  description = "all of them"
  annotations = ["index:org.opencontainers.image.title=app"]
  attest = ["type=provenance,mode=max", { type = "sbom", disabled = true }]
  context = "src"
  contexts = { base = "docker-image://alpine", other = "./other", git = "https://example.com/x.git#main" }
  dockerfile = "docker/../Dockerfile.app"
  dockerfile-inline = <<EOT
    FROM alpine
    RUN echo $${HOME} %%{x}
  EOT
  args = { STRING = "s", NUMBER = 3, BOOL = true, FLOAT = 1.5 }
  labels = { "a.b.c" = "d" }
  tags = ["one:1", "", "two", "one:1"]
  cache-from = ["user/app:cache", { type = "gha", scope = "x" }]
  cache-to = [{ type = "registry", ref = "user/app:cache", mode = "max" }]
  target = "final"
  secret = ["id=home,env=HOME", { id = "tmp", src = "/tmp" }, "type=env,id=path,src=PATH"]
  platforms = ["linux/amd64", "linux/arm64"]
  output = ["type=image,name=x", "out", { type = "oci", dest = "x.tar" }]
  pull = true
  no-cache = false
  network = "host"
  no-cache-filter = ["a", "b", "a"]
  shm-size = "128m"
  ulimits = ["nofile=1024:1024", "nproc=5"]
  resources = { memory = "1g", cpu-shares = 512, cpuset-cpus = "0-1" }
  call = "check"
  entitlements = ["security.insecure"]
  extra-hosts = { host = "10.0.0.1" }
  policy = ["filename=policy.rego,strict=true"]
}
