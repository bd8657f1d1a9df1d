"""States: what their reprs show."""

from llbfront import llb


def test_reprs_show_no_values_of_the_environment() -> None:
    state = llb.image("alpine").with_env({"PASSWORD": "hunter2"})
    assert "PASSWORD" in repr(state.env)
    for value in (state.env, state, state.run("make"), state.run("make").root):
        assert "hunter2" not in repr(value)
