"""A stateful mock of Samsara's qualification records API, in process or as a server."""

from .behaviours import BEHAVIOURS, Behaviour
from .faults import Fault
from .messages import Received, Request, Response, SpecViolation
from .serve import running
from .server import MockServer

__all__ = [
    "BEHAVIOURS",
    "Behaviour",
    "Fault",
    "MockServer",
    "Received",
    "Request",
    "Response",
    "SpecViolation",
    "running",
]
