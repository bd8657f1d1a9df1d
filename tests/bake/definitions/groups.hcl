group "default" {
  targets = ["web", "all"]
}
group "all" {
  description = "everything"
  targets = ["db", "web", "web"]
}
target "web" {
  context = "./web/../web"
}
target "db" {
  description = "the database"
  dockerfile = "db.Dockerfile"
}
