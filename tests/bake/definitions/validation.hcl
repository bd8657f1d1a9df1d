variable "PORT" {
  default = 80
  validation {
    condition = PORT > 10
    error_message = "too low"
  }
  validation {
    condition = PORT < 100
    error_message = "too high"
  }
}
target "default" { args = { PORT = PORT } }
