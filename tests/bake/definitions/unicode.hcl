variable "GRÜSSE" { default = "äöü €" }
target "default" {
  args = { "schlüssel" = GRÜSSE, LEN = strlen(GRÜSSE), EMOJI = "👍" }
}
