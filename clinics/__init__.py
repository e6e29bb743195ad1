"""Clinics: who works where, how they sign in, and the trail of what they did."""
