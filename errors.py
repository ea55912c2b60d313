"""Errors whose message tells a user what is wrong, where, and what to do about it."""

from __future__ import annotations


class AzibflowError(Exception):
    """Base of every error that is the input's fault rather than a bug; the command line prints it without traceback."""


class StructureError(AzibflowError):
    """A structure cannot be read, built or used: unknown prototype, overlapping atoms, no cell, unknown element."""


class CapabilityError(AzibflowError):
    """A calculator was asked for something it cannot compute: a charge, an element, a boundary condition."""


class NotInstalledError(CapabilityError):
    """A program that computes, or the data it computes with, is not on this machine; it may be on another."""


class WeightsError(AzibflowError):
    """The weights of a machine-learned potential are missing, unreadable or not what their hash promises."""


class LabelError(AzibflowError):
    """Labels to train on are missing, unreadable, not finite or not converged; the message names them."""


class TrainingError(AzibflowError):
    """A surrogate could not be trained; the message says what the training said."""


class CampaignError(AzibflowError):
    """A campaign file is not valid; the message names the file, the line and the key."""


class RunError(AzibflowError):
    """A run folder or its store cannot be used as asked."""


class RunStoppedError(RunError):
    """A run ended before its time through no fault of its input: cancelled, disk full; it can be resumed."""


class ProfileError(AzibflowError):
    """A machine profile is not valid, or does not fit the machine; the message names the file, the line and the key."""


class CalculationError(AzibflowError):
    """A quantum-chemical calculation could not give a result; the message names the system."""


class ScfNotConvergedError(CalculationError):
    """No rung of the rescue ladder converged the self-consistent field."""


class ScfUnstableError(CalculationError):
    """Every self-consistent solution found is a saddle point in orbital space."""


class LostProcessError(CalculationError):
    """A process that computed for a job died; the job is not to blame and can be started again."""


class OutOfMemoryError(CalculationError):
    """A calculation needs more memory than there is."""


def printable(text: str, kept: str = "\n") -> str:
    """Escape what a name may hold and a terminal would obey.

    Args:
        text: a message.
        kept: control characters that are meant, the ends of lines.
    """
    return "".join(letter if letter.isprintable() or letter in kept else repr(letter)[1:-1] for letter in text)
