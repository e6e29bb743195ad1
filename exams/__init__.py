"""Patients, their exams and everything that is read from the answers: screens, reviews, reports."""
