"""How good the engine is: on published patients, beside simpler methods, and against published counts."""

from __future__ import annotations

from localization.evaluation.scoring import evaluate

__all__ = ["evaluate"]
