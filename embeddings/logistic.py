"""Weighted logistic regression by damped Newton steps, small and exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embeddings.scorer import FloatArray

STEPS = 100
_HALVINGS = 40
_TOLERANCE = 1e-8
_ROWS = 65_536  # rows weighed at once, so that no copy of all features is made


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
    problem = _Problem(features, labels, weights, precision, mean)
    beta, cost = mean, problem.cost(mean)
    for _ in range(STEPS):
        step = problem.newton_step(beta)
        # A full step may overshoot where probabilities are near 0 or 1: halve it until it helps.
        for _ in range(_HALVINGS):
            if problem.cost(beta + step) < cost:
                break
            step = step / 2.0
        else:
            return beta
        beta = beta + step
        previous, cost = cost, problem.cost(beta)
        if previous - cost < _TOLERANCE * (1.0 + abs(cost)):
            return beta
    return beta


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    features: FloatArray
    labels: FloatArray
    weights: FloatArray
    precision: FloatArray
    mean: FloatArray

    def cost(self, beta: FloatArray) -> float:
        odds = self.features @ beta
        surprise = np.logaddexp(0.0, odds) - self.labels * odds
        prior = self.precision * (beta - self.mean) ** 2
        return float((self.weights * surprise).sum() + 0.5 * prior.sum())

    def newton_step(self, beta: FloatArray) -> FloatArray:
        probability = sigmoid(self.features @ beta)
        pull = self.precision * (beta - self.mean)
        gradient = self.features.T @ (self.weights * (self.labels - probability)) - pull
        curvature = self.weights * np.maximum(probability * (1.0 - probability), 1e-12)
        hessian = np.diag(self.precision)
        for rows in (slice(i, i + _ROWS) for i in range(0, len(curvature), _ROWS)):
            part = self.features[rows]
            hessian = hessian + (part * curvature[rows, None]).T @ part
        step: FloatArray = np.linalg.solve(hessian, gradient).astype(np.float64)
        return step
