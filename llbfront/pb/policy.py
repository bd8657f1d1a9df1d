# Made from policy.proto by `make proto`.
from llbfront.pb import load

__getattr__ = load(
    globals(),
    b'\n\x0cpolicy.proto\x12\x1dmoby.buildkit.v1.sourcepolicy"\xd1\x01\n\x04Rule\x12C\n\x06action\x18\x01 \x01(\x0e2+.moby.buildkit.v1.sourcepoli'
    b"cy.PolicyActionR\x06action\x12C\n\x08selector\x18\x02 \x01(\x0b2'.moby.buildkit.v1.sourcepolicy.SelectorR\x08selector\x12?\n\x07upda"
    b'tes\x18\x03 \x01(\x0b2%.moby.buildkit.v1.sourcepolicy.UpdateR\x07updates"\xaa\x01\n\x06Update\x12\x1e\n\nidentifier\x18\x01 \x01(\tR\nidentifier'
    b'\x12F\n\x05attrs\x18\x02 \x03(\x0b20.moby.buildkit.v1.sourcepolicy.Update.AttrsEntryR\x05attrs\x1a8\n\nAttrsEntry\x12\x10\n\x03key\x18\x01 \x01(\tR'
    b'\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value:\x028\x01"\xc4\x01\n\x08Selector\x12\x1e\n\nidentifier\x18\x01 \x01(\tR\nidentifier\x12G\n\nmatch_type\x18\x02 \x01(\x0e2(.mo'
    b'by.buildkit.v1.sourcepolicy.MatchTypeR\tmatchType\x12O\n\x0bconstraints\x18\x03 \x03(\x0b2-.moby.buildkit.v1.sourcepolic'
    b'y.AttrConstraintR\x0bconstraints"\x80\x01\n\x0eAttrConstraint\x12\x10\n\x03key\x18\x01 \x01(\tR\x03key\x12\x14\n\x05value\x18\x02 \x01(\tR\x05value\x12F\n\tconditio'
    b'n\x18\x03 \x01(\x0e2(.moby.buildkit.v1.sourcepolicy.AttrMatchR\tcondition"]\n\x06Policy\x12\x18\n\x07version\x18\x01 \x01(\x03R\x07version\x129\n\x05'
    b'rules\x18\x02 \x03(\x0b2#.moby.buildkit.v1.sourcepolicy.RuleR\x05rules*0\n\x0cPolicyAction\x12\t\n\x05ALLOW\x10\x00\x12\x08\n\x04DENY\x10\x01\x12\x0b\n\x07CONV'
    b'ERT\x10\x02*1\n\tAttrMatch\x12\t\n\x05EQUAL\x10\x00\x12\x0c\n\x08NOTEQUAL\x10\x01\x12\x0b\n\x07MATCHES\x10\x02*/\n\tMatchType\x12\x0c\n\x08WILDCARD\x10\x00\x12\t\n\x05EXACT\x10\x01\x12\t\n\x05RE'
    b'GEX\x10\x02b\x06proto3',
)
