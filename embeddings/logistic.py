"""Weighted logistic regression by Newton's method, small and exact."""

from __future__ import annotations

import numpy as np

from embeddings.scorer import FloatArray

STEPS = 60
LONGEST_STEP = 4.0
_TOLERANCE = 1e-9


def sigmoid(odds: FloatArray) -> FloatArray:
    """Probability of log-odds, without overflow."""
    probability: FloatArray = 0.5 * (1.0 + np.tanh(0.5 * odds))
    return probability


def fit_logistic(
    features: FloatArray,
    labels: FloatArray,
    weights: FloatArray,
    ridge: float | FloatArray,
    centre: FloatArray | None = None,
) -> FloatArray:
    """Maximise the weighted likelihood under a normal prior.

    ``features`` is (rows, k); ``ridge`` is the prior's precision, one number or one per
    coefficient; ``centre`` is its mean, 0 unless given. Returns k coefficients.
    """
    k = features.shape[1]
    precision = np.broadcast_to(np.asarray(ridge, dtype=np.float64), (k,))
    mean = np.zeros(k) if centre is None else centre
    beta = mean.copy()
    for _ in range(STEPS):
        step = _newton_step(features, labels, weights, precision, beta, mean)
        beta = beta + step
        if float(np.abs(step).max()) < _TOLERANCE:
            break
    return beta


def _newton_step(
    features: FloatArray,
    labels: FloatArray,
    weights: FloatArray,
    precision: FloatArray,
    beta: FloatArray,
    mean: FloatArray,
) -> FloatArray:
    probability = sigmoid(features @ beta)
    gradient = features.T @ (weights * (labels - probability)) - precision * (beta - mean)
    curvature = weights * np.maximum(probability * (1.0 - probability), 1e-12)
    hessian = (features * curvature[:, None]).T @ features + np.diag(precision)
    step: FloatArray = np.linalg.solve(hessian, gradient).astype(np.float64)
    return np.minimum(np.maximum(step, -LONGEST_STEP), LONGEST_STEP)
