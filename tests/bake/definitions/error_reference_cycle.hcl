target "a" { args = target.b.args }
target "b" { args = target.a.args }
group "default" { targets = ["a"] }
