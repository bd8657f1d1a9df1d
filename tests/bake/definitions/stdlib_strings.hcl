target "default" {
  args = {
    basename = basename("/a/b/c.txt")
    dirname = dirname("/a/b/c.txt")
    sanitize = sanitize("a.b/c d")
    upper = upper("straße")
    lower = lower("ÄB")
    title = title("hello world")
    reverse = reverse("abc")
    strlen = strlen("añb")
    substr = "${substr("hello", 1, 3)}|${substr("hello", -2, -1)}|${substr("hello", 2, -1)}|${substr("hi", 0, 0)}"
    split = join("|", split(",", "a,b,,c"))
    join = join("-", ["a"], ["b", "c"])
    chomp = "<${chomp("x\n\n")}>"
    indent = indent(2, "a\nb")
    trim = trim("xxhixx", "x")
    trimprefix = trimprefix("prefix-x", "prefix-")
    trimsuffix = trimsuffix("x.txt", ".txt")
    trimspace = trimspace("  x ")
    replace = replace("a.b.c", ".", "-")
    regex_replace = regex_replace("v1.2.3", "v(\\d+)\\.(\\d+)", "$2.$1")
    regex = regex("\\d+", "abc123def")
    regex_groups = join("|", regex("(\\w+)@(\\w+)", "me@home"))
    regex_named = regex("(?P<user>\\w+)@", "me@home").user
    regexall = join("|", regexall("[a-z]+", "ab1cd2"))
    sort = join(",", sort(["c", "a", "b"]))
    format = format("%s-%03d-%v-%q-%5.2f|%-5s|%t|%x", "a", 7, [1, "x"], "q\"", 3.14159, "l", true, 255)
    formatlist = join(",", formatlist("%s-%d", ["a", "b"], 1))
  }
}
