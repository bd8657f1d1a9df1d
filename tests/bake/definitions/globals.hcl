VERSION = "1.2"
MAJOR = split(".", VERSION)[0]
target "default" {
  tags = ["app:${VERSION}", "app:${MAJOR}"]
}
