# one
// two
/* three
   lines */
target "default" { // here
  tags = [ # there
    "a", /* b */ "c",
  ]
  args = {
    # inside
    A = 1, // trailing
    B = (
      2 + # sum
      3
    )
  }
}
