"""Learning by whole pairs: from facts and a configuration to weights that numpy serves."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from pykeen.training.callbacks import TrainingCallback
from torch import Tensor, distributed

from embeddings.mechanism import Mechanism
from embeddings.training.checkpoints import Checkpoints, CheckpointWriter, resume, state_of
from embeddings.training.configs import PairConfig
from embeddings.training.model import factory_of
from embeddings.training.pair_loop import PairMajorLoop
from embeddings.training.pair_model import PairModel
from embeddings.training.watching import (
    Cosine,
    EpochReport,
    FloatWeights,
    Progress,
    RunningMean,
    SharedGradient,
    Validation,
    settled_heap,
)
from embeddings.triples import Facts

SMALLEST_ROOT = 1e-12
"""Adam's epsilon: a mean over millions of cells has gradients far below its usual one."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a training tells and keeps on its way.

    ``validation`` judges weights by ``weights_of`` now and then. With ``resume`` a training goes on
    from its checkpoint, where there is one.
    """

    progress: Progress
    validation: Validation | None = None
    checkpoints: Checkpoints | None = None
    resume: bool = False


def learn_pairs(
    train: Facts,
    config: PairConfig,
    seed: int,
    watch: Watch,
    mechanism: Mechanism | None = None,
) -> dict[str, FloatWeights]:
    """Train the models of a configuration over facts and return their weights, all float32.

    The weights of member i of several begin with ``i/``; ``weights_of`` says what they are. The
    same facts, configuration and seed on the same number of threads give the same weights, also
    when the training was killed and resumed. Under ``torchrun`` the processes share each epoch;
    all of them return the same.

    Raises:
        DamagedCheckpoint: The checkpoint to resume from is not one of this training.
    """
    torch.set_flush_denormal(True)
    torch.set_num_threads(config.threads)
    with _joined():
        members = [
            _member(train, replace(config, half=_half(config)), seed, member, watch, mechanism)
            for member in range(config.members)
        ]
    if config.members == 1:
        return members[0]
    return {f"{i}/{name}": w for i, member in enumerate(members) for name, w in member.items()}


def weights_of(model: PairModel) -> dict[str, FloatWeights]:
    """Copy out of torch what a numpy scorer needs.

    ``left``, ``right`` (drugs, features) and ``core`` (effects, features) give the interaction;
    ``bias`` is (effects,), ``offset`` (effects, drugs). Where the model has such terms:
    ``degree_product`` (effects,); the context's ``asked`` and ``given`` (drugs, k) and ``gate``
    (effects, k); and the memory's ``into``, ``count``, ``inner_bias`` and ``out``.
    """
    model.eval()
    with torch.inference_mode():
        drugs = model.entity_representations[0](None)
        relation, bias = (r(None) for r in model.relation_representations)
        tensors = {**_interaction(model, drugs, relation), "bias": bias, **_terms(model)}
        if model.degrees is not None:
            logs = model.degrees.log_degree * model.degrees.weight[0]
            tensors["offset"] = tensors["offset"] + logs.T
        return {
            name: np.ascontiguousarray(tensor.cpu().numpy(), dtype=np.float32).copy()
            for name, tensor in tensors.items()
        }


def _interaction(model: PairModel, drugs: Tensor, relation: Tensor) -> dict[str, Tensor]:
    form, sums = model.form, model.form.sums
    size = drugs.shape[1] - sums
    met, core = drugs[:, :size], form.core(relation)
    offset = core[:, core.shape[1] - sums :] @ drugs[:, size:].T
    core = core[:, : core.shape[1] - sums]
    left, right, core = form.factors(met, core)
    return {"left": left, "right": right, "core": core, "offset": offset}


def _terms(model: PairModel) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    if model.degrees is not None:
        tensors["degree_product"] = model.degrees.weight[1]
    if model.context is not None:
        context = model.context
        tensors |= {"asked": context.asked, "given": context.given, "gate": context.gate}
    if model.memory is not None:
        memory = model.memory
        tensors |= {"into": memory.into, "count": memory.count, "out": memory.out}
        tensors["inner_bias"] = memory.bias
    return tensors


def _member(
    train: Facts,
    config: PairConfig,
    seed: int,
    member: int,
    watch: Watch,
    mechanism: Mechanism | None,
) -> dict[str, FloatWeights]:
    own_seed = seed * 1_000 + member
    model = _model(train, config, own_seed, mechanism)
    loop = _loop(model, train, config, own_seed)
    mean = RunningMean(model, config.averaging)
    checkpoints = watch.checkpoints.of_member(member) if watch.checkpoints else None
    begun = watch.resume and checkpoints is not None and checkpoints.stands
    if begun and checkpoints is not None:
        done = resume(loop, mean, checkpoints)
        watch.progress(f"resumed after epoch {done} of {config.epochs}")
    callbacks = _callbacks(loop, model, mean, watch, checkpoints)
    _train(loop, train, config, callbacks, begun=begun)
    if checkpoints is not None and _leads():
        checkpoints.write(state_of(loop, mean), config.epochs)
    with mean.in_place():
        return weights_of(model)


def _model(train: Facts, config: PairConfig, seed: int, mechanism: Mechanism | None) -> PairModel:
    model = PairModel(
        triples_factory=factory_of(train), config=config, mechanism=mechanism, random_seed=seed
    )
    if torch.cuda.is_available():
        model.to(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    return model


def _loop(model: PairModel, train: Facts, config: PairConfig, seed: int) -> PairMajorLoop:
    return PairMajorLoop(
        model=model,
        triples_factory=factory_of(train),
        optimizer="Adam",
        optimizer_kwargs={
            "lr": config.learning_rate,
            "weight_decay": config.weight_decay,
            "decoupled_weight_decay": True,
            "eps": SMALLEST_ROOT,
        },
        automatic_memory_optimization=False,
        cells=config.cells,
        unconnected=config.unconnected,
        seed=seed,
    )


def _callbacks(
    loop: PairMajorLoop,
    model: PairModel,
    mean: RunningMean,
    watch: Watch,
    checkpoints: Checkpoints | None,
) -> list[TrainingCallback]:
    validation, config = watch.validation, model.config

    def judged() -> float:
        with mean.in_place():
            weights = weights_of(model)
        return validation(weights) if validation is not None else float("nan")

    chosen: list[TrainingCallback] = [Cosine(config.learning_rate, config.epochs), mean]
    if distributed.is_initialized():
        chosen.insert(0, SharedGradient())  # type: ignore[no-untyped-call]
    if _leads():
        judge = judged if validation is not None else None
        chosen.append(EpochReport(watch.progress, config.epochs, judge))
        if checkpoints is not None:
            chosen.append(CheckpointWriter(checkpoints, loop, mean))
    return chosen


def _train(
    loop: PairMajorLoop,
    train: Facts,
    config: PairConfig,
    callbacks: list[TrainingCallback],
    *,
    begun: bool,
) -> None:
    with tempfile.TemporaryDirectory() as unused, settled_heap():
        loop.train(
            triples_factory=factory_of(train),
            num_epochs=config.epochs,
            batch_size=2**30,
            continue_training=begun,
            use_tqdm=False,
            callbacks=callbacks,
            checkpoint_directory=unused,
            pin_memory=False,
        )


def _half(config: PairConfig) -> int:
    """1 where bfloat16 is asked for and the processor multiplies it itself."""
    if torch.cuda.is_available():
        return config.half
    able: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return int(bool(config.half) and bool(able.get("avx512_bf16") or able.get("amx_bf16")))


def _leads() -> bool:
    return not distributed.is_initialized() or distributed.get_rank() == 0


@contextmanager
def _joined() -> Iterator[None]:
    """Join the processes that ``torchrun`` started, where it did."""
    alone = not distributed.is_available() or int(os.environ.get("WORLD_SIZE", "1")) == 1
    if alone or distributed.is_initialized():
        yield
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()
