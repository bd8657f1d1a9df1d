# The types of the public names, which are imported when they are used.

from llbfront import aio as aio
from llbfront import bake as bake
from llbfront import dockerfile as dockerfile
from llbfront import errors as errors
from llbfront import inspection as inspection
from llbfront import kit as kit
from llbfront import llb as llb
from llbfront import rules as rules
from llbfront import testing as testing
from llbfront.client.buildflags.exporters import Export as Export
from llbfront.client.buildflags.secrets import SecretSource as SecretSource
from llbfront.client.engine import Engine as Engine
from llbfront.client.layers.analysis import compare_layers as compare_layers
from llbfront.client.layers.analysis import read_layers as read_layers
from llbfront.client.records.recorded_builds import RecordedBuilds as RecordedBuilds
from llbfront.client.request.build_request import BuildRequest as BuildRequest
from llbfront.client.result import BuildResult as BuildResult
from llbfront.connection import connect as connect
from llbfront.errors import LlbfrontError as LlbfrontError
from llbfront.inspection.formats import Graph as Graph
from llbfront.progress.timings import Timing as Timing
from llbfront.scripting import affected_stages as affected_stages
from llbfront.scripting import convert as convert
from llbfront.scripting import ignore_rules as ignore_rules

__version__: str
