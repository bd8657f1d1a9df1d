target "default" {
  secret = ["id=a,env=HOME", "id=b,src=/", "id=a,env=PATH"]
}
