"""A profile: which way it moves papers and how far, what it names as its reasons, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Paper
from bot.query.matcher import bag_of
from bot.ranking.profile import MOST, Corpus, Example, Profile, ProfileMatch, learn_profile

SUBJECTS = {
    "decoding": "speculative decoding drafts tokens with a small language model and verifies them",
    "diffusion": "video diffusion renders frames of a scene from text prompts",
    "robots": "a robot arm grasps objects by reinforcement learning in simulation",
    "protein": "protein folding predicts molecular structure from sequences",
}
PAPERS = [
    Paper(f"{at}.{number}", f"{name.title()} study {number}", f"{text}, variant {number}")
    for at, (name, text) in enumerate(SUBJECTS.items())
    for number in range(5)
]
LIKED, OTHER_LIKED, DISLIKED = PAPERS[0], PAPERS[1], PAPERS[5]
NEXT_OF_LIKED, NEXT_OF_DISLIKED, NEUTRAL = 2, 7, 12


def corpus(papers: list[Paper] = PAPERS, vectors: np.ndarray | None = None) -> Corpus:
    return Corpus([bag_of(paper) for paper in papers], vectors)


def profile_match(
    *examples: Example, among: Corpus | None = None, forgotten: frozenset[str] = frozenset()
) -> ProfileMatch:
    known = among or corpus()
    return ProfileMatch(learn_profile(examples, known, forgotten=forgotten), known)


def test_what_is_like_a_liked_paper_rises_and_what_is_like_a_disliked_one_falls():
    found = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0)).influence
    assert found[NEXT_OF_LIKED] > 0 > found[NEXT_OF_DISLIKED]
    assert found[NEXT_OF_LIKED] > found[NEUTRAL] > found[NEXT_OF_DISLIKED]


def test_nothing_taught_moves_nothing():
    assert not profile_match().influence.any()
    assert Profile().confidence == 0


def test_no_candidates_are_no_fault():
    empty = profile_match(Example(LIKED, 1.0), among=corpus([], np.zeros((0, 3), np.float32)))
    assert len(empty.influence) == 0
    assert empty.moves("decod") == 0


def test_candidates_that_are_all_alike_stay_where_they_are():
    assert not profile_match(Example(LIKED, 1.0), among=corpus([NEUTRAL_PAPER] * 3)).influence.any()


NEUTRAL_PAPER = PAPERS[NEUTRAL]


def test_the_more_signs_the_further_a_profile_may_move_papers():
    one = profile_match(Example(LIKED, 1.0))
    two = profile_match(Example(LIKED, 1.0), Example(OTHER_LIKED, 1.0))
    assert one.profile.confidence < two.profile.confidence < 1
    assert max(one.influence) < max(two.influence)
    assert Profile((Example(LIKED, 3.0),)).confidence == one.profile.confidence


@given(st.dictionaries(st.integers(0, len(PAPERS) - 1), st.floats(-3, 3).filter(bool), max_size=12))
def test_no_profile_moves_a_paper_beyond_the_bound(weights: dict[int, float]):
    found = profile_match(*(Example(PAPERS[at], weight) for at, weight in weights.items()))
    assert np.isfinite(found.influence).all()
    assert np.abs(found.influence).max() <= MOST


def test_the_reason_is_a_phrase_that_the_liked_papers_have_too():
    liked = [Paper("8.1", "Speculative decoding for long answers"), Paper("8.2", "We trust speculative decoding")]
    candidate = Paper("8.3", "Tree decoding or speculative decoding?", "Both are timed.")
    found = profile_match(*(Example(paper, 1.0) for paper in liked), among=corpus([*PAPERS, candidate]))
    assert found.liked(len(PAPERS), candidate) == ("speculative decoding",)


def test_reasons_for_and_against_have_the_sign_of_what_they_add():
    found = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    raised = found.why(NEXT_OF_LIKED, PAPERS[NEXT_OF_LIKED])
    lowered = found.why(NEXT_OF_DISLIKED, PAPERS[NEXT_OF_DISLIKED])
    assert raised[0].weight > 0
    assert any("diffusion" in words and weight < 0 for words, weight in lowered)


def test_a_paper_that_is_lowered_names_nothing_that_was_liked():
    found = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    assert found.liked(NEXT_OF_DISLIKED, PAPERS[NEXT_OF_DISLIKED]) == ()


def test_a_word_is_shown_as_the_papers_write_it_and_with_what_it_moves():
    found = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    assert found.profile.names["decod"] == "decoding"
    assert found.moves("decod") > 0 > found.moves("diffus")
    assert found.moves("nowher") == 0


def test_a_forgotten_word_no_longer_counts_and_the_others_do():
    examples = (Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    before, after = profile_match(*examples), profile_match(*examples, forgotten=frozenset({"decod"}))
    assert before.moves("decod") > 0
    assert after.moves("decod") == 0
    assert after.moves("specul") > 0
    assert "decod" in after.profile.names


def test_meaning_moves_papers_that_share_no_word_with_what_was_liked():
    vectors = np.zeros((len(PAPERS), 4), np.float32)
    for at in range(len(PAPERS)):
        vectors[at, at // 5] = 1.0
    kin = 17
    vectors[kin] = vectors[0]
    found = profile_match(Example(LIKED, 1.0, vectors[0]), among=corpus(vectors=vectors)).influence
    same_words = profile_match(Example(LIKED, 1.0), among=corpus()).influence
    assert found[kin] > found[16]
    assert same_words[kin] == pytest.approx(same_words[16], abs=0.5)


def test_a_liked_paper_without_a_vector_teaches_by_its_words_alone():
    vectors = np.eye(len(PAPERS), dtype=np.float32)
    nothing = np.zeros(len(PAPERS), np.float32)
    with_none = profile_match(Example(LIKED, 1.0, nothing), among=corpus(vectors=vectors)).influence
    assert with_none == pytest.approx(profile_match(Example(LIKED, 1.0)).influence, abs=1e-6)
    assert profile_match(Example(LIKED, 1.0), among=corpus(vectors=vectors)).influence == pytest.approx(with_none)


def test_a_paper_may_be_liked_that_is_no_candidate_in_words_nobody_else_uses():
    stranger = Paper("9.9", "Zymurgy of speculative ales", "")
    found = profile_match(Example(stranger, 1.0))
    assert max(found.influence) == found.influence[:5].max()
    assert found.moves("zymurgi") > 0
    assert profile_match(Example(Paper("9.8", "", ""), 1.0)).profile.words == {}


def test_words_that_keep_the_same_company_are_near_though_no_paper_has_both():
    liked = Paper("7.1", "Grasping", "")
    among = corpus([*PAPERS, *(Paper(f"6.{n}", "Robot arm grasping", f"simulation {n}") for n in range(5))])
    found = profile_match(Example(liked, 1.0), among=among).influence
    with_its_friends = found[[at for at, paper in enumerate(PAPERS) if paper.id.startswith("2.")]]
    with_others = found[[at for at, paper in enumerate(PAPERS) if paper.id.startswith("3.")]]
    assert with_its_friends.min() > with_others.max()
