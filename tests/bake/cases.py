"""Command lines of `bake --print`: each definition by itself, and definitions with overrides, variables and environment."""

from __future__ import annotations

import pathlib

import attrs

DEFINITIONS = pathlib.Path(__file__).parent / "definitions"


@attrs.frozen
class Case:
    """A command line in the directory of definitions."""

    files: tuple[str, ...]
    targets: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    environ: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        parts = (*self.files, *self.targets, *self.overrides, *(f"{k}={v}" for k, v in (*self.variables, *self.environ)))
        return " ".join(parts)

    @property
    def words(self) -> list[str]:
        """The arguments of the command."""
        words = [word for name in self.files for word in ("-f", name)]
        words += [word for text in self.overrides for word in ("--set", text)]
        words += [word for key, value in self.variables for word in ("--var", f"{key}={value}")]
        return [*words, *self.targets]


def _definitions() -> list[Case]:
    return [Case((path.name,)) for path in sorted(DEFINITIONS.iterdir()) if path.suffix in {".hcl", ".json", ".yaml"}]


def _overridden(*overrides: str, file: str = "every_field.hcl") -> Case:
    return Case((file,), overrides=overrides)


CASES = (
    *_definitions(),
    Case(("groups.hcl",), ("db",)),
    Case(("groups.hcl",), ("web", "all", "d*")),
    Case(("groups.hcl",), ("nothing*",)),
    Case(("groups.hcl",), ("nothing",)),
    Case(("matrix.hcl",), ("app-1_0",)),
    Case(("inheritance.hcl",), ("*",)),
    Case(("inheritance.hcl", "every_field.hcl")),
    Case(("every_field.hcl", "json_syntax.json"), ("app", "default")),
    Case(("globals.hcl", "conditionals.hcl")),
    Case(("json_attributes.json", "json_syntax.json"), ("*",)),
    _overridden("*.tags=x", "*.tags=y"),
    _overridden("default.tags+=y", "*.platform=linux/arm/v7"),
    _overridden("default.args.NUMBER=4", "default.args.NEW=a=b", "default.args.PATH"),
    _overridden("default.args.NOT_SET_ANYWHERE"),
    _overridden("default.output=type=registry", "*.push=true"),
    _overridden("*.push=true", file="groups.hcl"),
    _overridden("*.load=true", file="groups.hcl"),
    _overridden("*.push=true", "*.load=true"),
    _overridden("*.push=false", file="outputs.hcl"),
    _overridden("default.cache-from=type=gha", "default.cache-to+=type=inline"),
    _overridden("default.secret=id=x,env=HOME", "default.ssh=", "default.attest=type=sbom"),
    _overridden("default.secret.home=env=PATH"),
    _overridden("default.secret.unknown=env=PATH"),
    _overridden("default.resources.memory=2g", "default.resource.cpu-shares=3"),
    _overridden("default.resources.cpu-shares=x"),
    _overridden("default.contexts.base=", "default.labels.new=l", "default.extra-hosts.h=1.2.3.4"),
    _overridden("default.entitlements=network.host", "default.annotations=a=b", "default.annotation="),
    _overridden("default.no-cache=true", "default.pull=0", "default.no-cache-filter=z"),
    _overridden("default.no-cache=maybe"),
    _overridden("default.network=none", "default.shm-size=1g", "default.ulimit=nofile=5", "default.call=outline"),
    _overridden("default.context=other", "default.dockerfile=D", "default.target=t"),
    _overridden("default.policy+=filename=b.rego"),
    _overridden("default.attest+=type=provenance,mode=min"),
    _overridden("nothing.tags=x"),
    _overridden("default.bogus=x"),
    _overridden("tags=x"),
    _overridden("default.tags"),
    _overridden("default.tags.sub=x"),
    _overridden("default.args=x"),
    _overridden("default.platform=a,b/c"),
    Case(("typed_variables.hcl",), variables=(("S", "text"), ("N", "2.5"), ("L", "x,y z"), ("M", "a:5,b:6"), ("SET", "z,y,z"))),
    Case(("typed_variables.hcl",), variables=(("N", "many"),)),
    Case(("typed_variables.hcl",), variables=(("T", "a,3"),)),
    Case(("typed_variables.hcl",), variables=(("T", "a"),)),
    Case(("typed_variables.hcl",), variables=(("O", "x"),)),
    Case(("typed_variables.hcl",), variables=(("O_JSON", '{"name": "j", "tags": ["k"]}'), ("L_JSON", '["j,k"]'))),
    Case(("typed_variables.hcl",), variables=(("L_JSON", "[1,"),)),
    Case(("typed_variables.hcl",), environ=(("S", "from the environment"), ("ANY_JSON", '{"deep": [7]}'))),
    Case(("conditionals.hcl",), environ=(("V", "1.2"),)),
    Case(("conditionals.hcl",), variables=(("V", "cli"),), environ=(("V", "env"),)),
    Case(("conditionals.hcl",), environ=(("V", "1.2"), ("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", "1"))),
    Case(("validation.hcl",), variables=(("PORT", "5"),)),
    Case(("validation.hcl",), variables=(("PORT", "50"),)),
    Case(("validation.hcl",), variables=(("PORT", "x"),)),
    Case(("numbers_as_text.hcl",), variables=(("V", "0.1"),)),
    Case(("for_expressions.hcl",), variables=(("M", "x"),)),
    Case(("groups.hcl",), ("db",), environ=(("SOURCE_DATE_EPOCH", "1700000000"),)),
    Case(("no_such_file.hcl",)),
    Case((), ("db",), environ=(("BUILDX_BAKE_FILE", "groups.hcl"),)),
    Case((), ("db", "base"), environ=(("BUILDX_BAKE_FILE", "groups.hcl;inheritance.hcl"), ("BUILDX_BAKE_PATH_SEPARATOR", ";"))),
    Case(("compose_interpolation.yaml",), variables=(("TAG", "9"), ("DIR", "d"))),
    Case(("compose_interpolation.yaml",), environ=(("TAG", "env"),)),
    Case(("compose_build.yaml", "compose_extends.yaml")),
    Case(("compose_build.yaml",), ("api.v2",)),
    Case(("compose_build.yaml",), overrides=("*.tags=x", "web.args.A=1")),
    Case(("compose_x_bake.yaml", "groups.hcl")),
    Case(("compose_x_bake.yaml", "groups.hcl"), ("app", "web")),
)
