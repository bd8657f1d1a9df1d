variable "BAKE_CMD_CONTEXT" { default = "mine" }
target "default" {
  context = BAKE_CMD_CONTEXT
  contexts = { x = "${BAKE_CMD_CONTEXT}sub" }
}
