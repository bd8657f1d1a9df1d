target "default" {
  args = {
    base64encode = base64encode("hello")
    base64decode = base64decode("aGVsbG8=")
    jsonencode = jsonencode({ b = [1, 2.5, null, true], a = "<x>&é" })
    jsondecode = jsondecode("{\"a\": [1, {\"b\": \"c\"}]}").a[1].b
    csvdecode = csvdecode("a,b\n1,2\n3,4\n")[1].b
    urlencode = urlencode("a b&c=d/é")
    md5 = md5("x")
    sha1 = sha1("x")
    sha256 = sha256("x")
    sha512 = sha512("x")
    uuidv5 = uuidv5("dns", "example.com")
    formatdate = formatdate("YYYY-MM-DD'T'hh:mm:ssZ EEE MMM aa HH ZZZ", "2024-02-03T14:05:06Z")
    formatdate_zone = formatdate("D MMMM YY, EEEE H:m:s AA ZZZZZ 'o''clock' ''", "2024-02-03T04:05:06+02:00")
    formattimestamp = formattimestamp("X", "2024-02-03T14:05:06Z")
    formattimestamp_number = formattimestamp("YYYY-MM-DD", 0)
    timeadd = timeadd("2024-02-03T14:05:06Z", "36h10m")
    unixtimestampparse = jsonencode(unixtimestampparse(1700000000))
    cidrhost = cidrhost("10.1.0.0/16", 5)
    cidrhost_last = cidrhost("10.1.0.0/16", -1)
    cidrnetmask = cidrnetmask("10.1.0.0/20")
    cidrsubnet = cidrsubnet("10.1.0.0/16", 8, 3)
    cidrsubnets = join(",", cidrsubnets("10.1.0.0/16", 4, 4, 8))
    semvercmp = semvercmp("1.2.3", ">=1.2, <2")
    semvercmp_caret = semvercmp("v0.3.1", "^0.2")
    semvercmp_tilde = semvercmp("1.2.9", "~1.2.3 || 9.x")
    semvercmp_pre = semvercmp("1.2.3-rc.1", ">1")
    try = try(missing_thing, "fallback")
    can = can(missing_thing)
    convert = convert("5", number) + 1
  }
}
