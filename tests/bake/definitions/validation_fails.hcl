variable "PORT" {
  default = 8
  validation {
    condition = PORT > 10
    error_message = "the port ${PORT} is too low"
  }
}
target "default" { args = { PORT = PORT } }
