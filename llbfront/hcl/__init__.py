"""HCL, the configuration language of bake files: scanner, parser, typed values, expressions and functions.

Source: hashicorp/hcl (hclsyntax, json, ext/typeexpr) and zclconf/go-cty.
"""
