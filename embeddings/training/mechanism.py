"""What else the vectors of drugs learn: mechanistic links."""

from __future__ import annotations

import torch
from pykeen.nn.modules import DistMultInteraction
from torch import Tensor, nn

from embeddings.mechanism import Mechanism

SAMPLE = 4_096
"""Triples that are drawn beside each batch of pairs."""


class MechanismLoss(nn.Module):
    """Cross-entropy of some triples of the mechanism and as many with another tail.

    The vectors of drugs are those that score pairs; nodes and relations of the mechanism have
    vectors of their own. PyKEEN's DistMult scores them.
    """

    triples: Tensor

    def __init__(self, mechanism: Mechanism, n_drugs: int, dimension: int) -> None:
        super().__init__()
        self.register_buffer("triples", torch.from_numpy(mechanism.triples), persistent=False)
        self.nodes = nn.Parameter(torch.empty(mechanism.n_nodes - n_drugs, dimension))
        self.relations = nn.Parameter(torch.empty(mechanism.n_relations, dimension))
        self.bias = nn.Parameter(torch.empty(mechanism.n_relations))
        self.interaction = DistMultInteraction()

    def reset_parameters(self) -> None:
        """Draw the vectors anew."""
        nn.init.normal_(self.nodes, std=0.1)
        nn.init.normal_(self.relations, std=0.3)
        nn.init.zeros_(self.bias)

    def forward(self, drugs: Tensor) -> Tensor:
        """Loss of a fresh sample, given the vectors of drugs."""
        chosen = torch.randint(len(self.triples), (SAMPLE,), device=drugs.device)
        head, relation, tail = self.triples[chosen].T
        # A false tail is the tail of another triple: often met nodes are often offered.
        other = self.triples[torch.randint_like(chosen, len(self.triples)), 2]
        nodes = torch.cat((drugs, self.nodes))
        weights, bias = self.relations[relation], self.bias[relation]
        true, false = (
            self.interaction(nodes[head], weights, nodes[end]) + bias for end in (tail, other)
        )
        log_sigmoid = nn.functional.logsigmoid
        loss: Tensor = -(log_sigmoid(true).mean() + log_sigmoid(-false).mean()) / 2.0
        return loss
