"""What a pair model adds to its interaction: degrees, the company of drugs, a pair's other effects.

A term sees the training facts, so in training it must not see the cell that it scores: degrees and
company leave the cell's own fact out, and the memory is judged only on facts that were hidden from
it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from embeddings.pair_scorer import STEADY
from embeddings.training.blocks import Block, PairTable


def product(left: Tensor, right: Tensor, *, half: bool) -> Tensor:
    """Multiply (n, d) by the transpose of (m, d); in bfloat16, summed up in float32, for ``half``.

    The result is float32.
    """
    if not half:
        return left @ right.T
    return (left.bfloat16() @ right.bfloat16().T).float()


class DegreeTerm(nn.Module):
    """Logarithms of both drugs' facts under the effect, weighed for each effect.

    ``s(a, b, e) = w_e (l_ae + l_be) + v_e l_ae l_be`` with ``l = log(1 + facts)``; in training the
    fact (a, b, e) itself is not counted.
    """

    log_degree: Tensor
    own: Tensor

    def __init__(self, table: PairTable) -> None:
        super().__init__()
        degrees = table.degrees()
        self.register_buffer("log_degree", torch.log1p(degrees), persistent=False)
        fewer = torch.log1p((degrees - 1.0).clamp_(min=0.0))
        self.register_buffer("own", self.log_degree - fewer, persistent=False)
        self.weight = nn.Parameter(torch.empty(2, table.n_effects))

    def reset_parameters(self) -> None:
        """Begin without a say."""
        nn.init.zeros_(self.weight)

    def forward(self, block: Block) -> Tensor:
        """Score a block: (pairs, effects)."""
        first, second = (self._logs(drug, block.stated) for drug in (block.first, block.second))
        of_sum, of_product = self.weight
        scores: Tensor = (first + second) * of_sum + first * second * of_product
        return scores

    def _logs(self, drug: Tensor, stated: Tensor) -> Tensor:
        logs = self.log_degree[drug]
        return logs - stated * self.own[drug] if self.training else logs


class ContextTerm(nn.Module):
    """How alike a drug is to the company that its partner has under the effect.

    ``s(a, b, e) = (c(a, b, e) + c(b, a, e)) / 2`` with ``c(a, b, e) = sum_k g_ek p_bk q_aek``,
    where ``q_ae`` is the sum of ``q`` over the drugs that share e with a, over the root of their
    number. In training each pair is seen from one side, ``c(a, b, e)``, and b itself is not in the
    company of a.
    """

    scale: Tensor
    own_scale: Tensor

    def __init__(self, table: PairTable, dimension: int) -> None:
        super().__init__()
        self._table = table
        self.asked = nn.Parameter(torch.empty(table.n_drugs, dimension))
        self.given = nn.Parameter(torch.empty(table.n_drugs, dimension))
        self.gate = nn.Parameter(torch.empty(table.n_effects, dimension))
        degrees = table.degrees()
        scale = (degrees + STEADY).rsqrt()
        fewer = ((degrees - 1.0).clamp_(min=0.0) + STEADY).rsqrt()
        self.register_buffer("scale", scale, persistent=False)
        self.register_buffer("own_scale", fewer - scale, persistent=False)

    def reset_parameters(self) -> None:
        """Draw the drugs' vectors anew, small; every effect begins with the same gate."""
        nn.init.normal_(self.asked, std=0.1)
        nn.init.normal_(self.given, std=0.1)
        nn.init.ones_(self.gate)

    def forward(self, block: Block) -> Tensor:
        """Score a block: (pairs, effects)."""
        if self.training:
            parts = [
                self._left_out(drug, block.second[place], block.stated[place])
                for drug, place in block.rows()
            ]
            return torch.cat(parts)
        there = self._near(block.first, block.second)
        return (there + self._near(block.second, block.first)) / 2.0

    def company(self, drug: Tensor) -> Tensor:
        """Sum up whom a drug shares each effect with, gated and steadied: (effects, dimension)."""
        together = self._table.company(drug) @ self.given
        return together * self.gate * self.scale[drug][:, None]

    def _near(self, first: Tensor, second: Tensor) -> Tensor:
        scores = torch.empty(len(first), len(self.gate), device=first.device)
        for drug in torch.unique(first):
            place = first == drug
            scores[place] = self.asked[second[place]] @ self.company(drug).T
        return scores

    def _left_out(self, drug: Tensor, others: Tensor, stated: Tensor) -> Tensor:
        asked = self.asked[others]
        own = (asked * self.given[others]) @ self.gate.T
        near = asked @ ((self._table.company(drug) @ self.given) * self.gate).T
        return (near - stated * own) * (self.scale[drug] + stated * self.own_scale[drug])


class MemoryTerm(nn.Module):
    """A denoising encoder of the effects that are shown of a pair.

    Two matrix products with a rectifier between them. The shown effects enter as 1 over the root of
    their number, and the logarithm of that number stands beside them. A pair of which nothing is
    shown scores 0.
    """

    def __init__(self, n_effects: int, width: int, dropout: float, *, half: bool) -> None:
        super().__init__()
        self.into = nn.Parameter(torch.empty(width, n_effects))
        self.count = nn.Parameter(torch.empty(width))
        self.bias = nn.Parameter(torch.empty(width))
        self.out = nn.Parameter(torch.empty(n_effects, width))
        self.dropout = nn.Dropout(dropout)
        self._half = half

    def reset_parameters(self) -> None:
        """Draw the weights anew; what comes out begins near 0."""
        nn.init.normal_(self.into, std=0.1)
        nn.init.normal_(self.out, std=0.1 * self.out.shape[1] ** -0.5)
        nn.init.zeros_(self.count)
        nn.init.zeros_(self.bias)

    def forward(self, shown: Tensor) -> Tensor:
        """Score pairs by the effects shown of each, a table of 0 and 1: (pairs, effects)."""
        number = shown.sum(dim=1)
        rows = number.nonzero().flatten()
        number = number[rows, None]
        known = shown[rows] * number.rsqrt()
        hidden = product(known, self.into, half=self._half)
        hidden = hidden + torch.log1p(number) * self.count + self.bias
        scores = product(self.dropout(hidden.relu()), self.out, half=self._half)
        return torch.zeros_like(shown).index_copy(0, rows, scores)


def shown_part(stated: Tensor, hidden: tuple[float, float]) -> Tensor:
    """Hide a random part of each pair's facts, the part itself drawn between two ends: 0 and 1."""
    low, high = hidden
    part = low + (high - low) * torch.rand(len(stated), 1, device=stated.device)
    return stated * (torch.rand_like(stated) >= part)
