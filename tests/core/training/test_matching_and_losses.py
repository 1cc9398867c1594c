import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from core.messages import StudioError
from core.model import LayerPrediction, MaskFormerOutput
from core.training.losses import Criterion
from core.training.matcher import Matcher, Truths
from core.training.targets import Place, Target
from tests.drawing import picture


def target(*masks: np.ndarray, classes: Sequence[int], exempt: Sequence[int] = (), num_classes: int = 4) -> Target:
    stacked = torch.from_numpy(np.stack(masks)).float()
    flags = torch.zeros(num_classes, dtype=torch.bool)
    flags[list(exempt)] = True
    return Target(torch.tensor(classes), torch.ones(len(classes)).bool(), stacked, stacked.amax(0), flags)


LEFT = picture("##..", "##..", "##..")
RIGHT = picture("..##", "..##", "..#.")


def output_of(class_logits: Tensor, mask_logits: Tensor) -> MaskFormerOutput:
    """An output whose mask logits are given: the pixel embeddings are one-hot over the pixels."""
    batch, _queries, height, width = mask_logits.shape
    one_hot = torch.eye(height * width).view(height * width, height, width).expand(batch, -1, -1, -1)
    return MaskFormerOutput(one_hot, (LayerPrediction(class_logits, mask_logits.flatten(2)),))


def costs_of(matcher: Matcher, output: MaskFormerOutput, truth: Target) -> Tensor:
    """(Q, T) of the last layer of the first picture."""
    pixels = output.pixel_embeddings.flatten(2)
    return matcher.costs(output.class_logits.softmax(-1), output.mask_embeddings, pixels, Truths.of([truth]))[0]


FOCAL, DICE = Matcher(0, 1, 0), Matcher(0, 0, 1)


@pytest.fixture
def random_case():
    torch.manual_seed(5)
    class_logits = torch.randn(1, 5, 5, requires_grad=True)
    mask_logits = torch.randn(1, 5, 3, 4, requires_grad=True)
    return output_of(class_logits, mask_logits), target(LEFT, RIGHT, classes=[2, 0])


def test_the_assignment_is_the_cheapest_of_all(random_case):
    output, truth = random_case
    matcher = Matcher()
    (matching,) = matcher(output, [truth])

    costs = costs_of(matcher, output, truth)
    cheapest = min(itertools.permutations(range(5), 2), key=lambda pair: (costs[pair[0], 0] + costs[pair[1], 1]).item())
    found = dict(zip(matching.targets[0].tolist(), matching.queries[0].tolist(), strict=True))
    assert (found[0], found[1]) == cheapest


def test_costs_equal_a_pixel_by_pixel_restatement(random_case):
    output, truth = random_case
    logits = output.mask_logits[0].detach()
    valid = truth.valid
    focal_costs, dice_costs = costs_of(FOCAL, output, truth), costs_of(DICE, output, truth)
    for query, t in itertools.product(range(5), range(2)):
        focal, inter, size = 0.0, 0.0, 0.0
        for y, x in itertools.product(range(3), range(4)):
            if not valid[y, x]:
                continue
            p, inside = float(logits[query, y, x].sigmoid()), bool(truth.masks[t, y, x])
            focal += -0.25 * (1 - p) ** 2 * np.log(p) if inside else -0.75 * p**2 * np.log(1 - p)
            inter += p * inside
            size += p + inside
        assert float(focal_costs[query, t]) == pytest.approx(focal / float(valid.sum()), rel=1e-4)
        assert float(dice_costs[query, t]) == pytest.approx(1 - (2 * inter + 1) / (size + 1), rel=1e-4)


def test_losses_of_matched_pairs_equal_their_costs(random_case):
    output, truth = random_case
    matcher = Matcher()
    matchings = matcher(output, [truth])
    losses = Criterion()(output, [truth], matchings)

    pairs = list(zip(matchings[0].queries[0], matchings[0].targets[0], strict=True))
    for name, matcher in (("focal", FOCAL), ("dice", DICE)):
        costs, loss = costs_of(matcher, output, truth), losses.parts[name]
        assert loss.item() == pytest.approx(sum(costs[q, t].item() for q, t in pairs) / len(pairs), rel=1e-4)


def test_class_loss_is_the_papers_weighted_mean(random_case):
    output, truth = random_case
    (matching,) = matchings = Matcher()(output, [truth])
    log_probs = output.class_logits[0].log_softmax(-1)
    named = dict(zip(matching.queries[0].tolist(), truth.class_indices[matching.targets[0]].tolist(), strict=True))
    weighted = [(1.0, log_probs[q, named[q]]) if q in named else (0.1, log_probs[q, 4]) for q in range(5)]
    expected = -sum(w * float(value) for w, value in weighted) / sum(w for w, _ in weighted)

    assert Criterion()(output, [truth], matchings).parts["classes"].item() == pytest.approx(expected, rel=1e-5)


def test_void_pixels_count_for_nothing(random_case):
    output, truth = random_case
    void = int((truth.valid == 0).nonzero()[0, 0]), int((truth.valid == 0).nonzero()[0, 1])
    matchings = Matcher()(output, [truth])
    criterion = Criterion()
    before = criterion(output, [truth], matchings).total
    changed = output.mask_logits.detach().clone()
    changed[0, :, void[0], void[1]] += 7
    after = criterion(output_of(output.class_logits, changed), [truth], matchings).total

    assert float(before) == pytest.approx(float(after), rel=1e-6)


def test_absence_of_an_unlabelled_class_is_not_evidence():
    """A free query that says "class 3" is wrong, unless this picture's source never labelled class 3."""
    mask_logits = torch.where(torch.from_numpy(LEFT), 8.0, -8.0).expand(1, 2, 3, 4)
    says_3 = torch.tensor([[[9.0, 0, 0, 0, 0], [0, 0, 0, 9.0, 0]]])
    labelled, unlabelled = target(LEFT, classes=[0]), target(LEFT, classes=[0], exempt=[3])

    gradients = []
    for truth in (labelled, unlabelled):
        class_logits = says_3.clone().requires_grad_()
        output = output_of(class_logits, mask_logits)
        Criterion()(output, [truth], Matcher()(output, [truth])).parts["classes"].backward()
        gradients.append(class_logits.grad[0, 1])
    assert gradients[0][3] > 0.01  # where class 3 is labelled, its absence speaks against it
    assert gradients[1][3] == 0
    assert gradients[1][4] < 0 < gradients[1][0]  # the other classes are still refuted


def test_a_picture_without_segments_teaches_silence():
    output = output_of(torch.zeros(1, 2, 5, requires_grad=True), torch.zeros(1, 2, 3, 4, requires_grad=True))
    truth = Target(
        torch.zeros(0, dtype=torch.int64),
        torch.zeros(0).bool(),
        torch.zeros(0, 3, 4),
        torch.zeros(3, 4),
        torch.zeros(4).bool(),
    )
    losses = Criterion()(output, [truth], Matcher()(output, [truth]))
    assert float(losses.parts["focal"]) == float(losses.parts["dice"]) == 0
    assert float(losses.parts["classes"]) == pytest.approx(np.log(5), rel=1e-5)


def test_more_segments_than_queries_match_each_query_once():
    cells = [np.eye(12, dtype=bool)[i].reshape(3, 4) for i in range(12)]
    truth = target(*cells, classes=[i % 4 for i in range(12)])
    output = output_of(torch.randn(1, 5, 5), torch.randn(1, 5, 3, 4))
    (matching,) = Matcher()(output, [truth])
    assert sorted(matching.queries[0].tolist()) == [0, 1, 2, 3, 4]
    assert len(set(matching.targets[0].tolist())) == 5


def broken_batch(truth: Target, layer: int) -> tuple[MaskFormerOutput, list[Target], Place]:
    """Two layers, two pictures; one layer of the second has masks that are not finite."""
    sound = output_of(torch.randn(2, 5, 5), torch.randn(2, 5, 3, 4))
    masks = sound.mask_embeddings.clone()
    masks[1] *= float("nan")
    layers = [LayerPrediction(sound.class_logits, sound.mask_embeddings)] * 2
    layers[layer] = LayerPrediction(sound.class_logits, masks)
    return MaskFormerOutput(sound.pixel_embeddings, tuple(layers)), [truth] * 2, Place(41, ("hotel.jpg", "quay.jpg"))


@pytest.mark.parametrize("layer", [0, 1])
def test_a_cost_that_is_not_finite_stops_with_step_and_picture(random_case, layer):
    output, truths, place = broken_batch(random_case[1], layer)
    with pytest.raises(StudioError, match=r"step 41.*cost.*quay\.jpg"):
        Matcher()(output, truths, place)


def test_a_loss_that_is_not_finite_stops_with_step_and_picture(random_case):
    output, truths, place = broken_batch(random_case[1], 1)
    sound = MaskFormerOutput(output.pixel_embeddings, output.layers[:1] * 2)
    with pytest.raises(StudioError, match=r"step 41.*loss.*quay\.jpg"):
        Criterion()(output, truths, Matcher()(sound, truths), place)
