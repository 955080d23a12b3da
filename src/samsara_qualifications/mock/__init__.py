"""A stateful mock of Samsara's qualification records API, in process or as a server."""

from samsara_qualifications.mock.behaviours import BEHAVIOURS, Behaviour
from samsara_qualifications.mock.faults import Fault
from samsara_qualifications.mock.messages import Received, Request, Response, SpecViolation
from samsara_qualifications.mock.serve import running
from samsara_qualifications.mock.server import MockServer

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
