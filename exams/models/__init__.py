"""Everything the clinical app stores; every other module takes it from here."""

from exams.models.answers import Observation, SavedRequest
from exams.models.cautions import RedFlagAction, TripwireClosure
from exams.models.exam import Exam
from exams.models.merges import PatientMerge
from exams.models.opinions import Decision, Opinion, SignedReport
from exams.models.patients import Patient
from exams.models.questions import QuestionEntry
from exams.models.remarks import Remark

__all__ = [
    "Decision",
    "Exam",
    "Observation",
    "Opinion",
    "Patient",
    "PatientMerge",
    "QuestionEntry",
    "RedFlagAction",
    "Remark",
    "SavedRequest",
    "SignedReport",
    "TripwireClosure",
]
