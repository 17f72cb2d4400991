"""Profiles: sign and bound of their influence on papers, and the reasons they name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Paper
from bot.query.matcher import bag_of
from bot.ranking.profile import Corpus, Example, Profile, ProfileMatch, learn_profile

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
    candidates = among or corpus()
    return ProfileMatch(learn_profile(examples, candidates, forgotten=forgotten), candidates)


def test_what_is_like_a_liked_paper_rises_and_what_is_like_a_disliked_one_falls():
    influence = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0)).influence
    assert influence[NEXT_OF_LIKED] > 0 > influence[NEXT_OF_DISLIKED]
    assert influence[NEXT_OF_LIKED] > influence[NEUTRAL] > influence[NEXT_OF_DISLIKED]


def test_a_disliked_paper_weighs_half_of_a_liked_one_however_many_there_are():
    """Liked papers share one weight, disliked ones half of it: people dislike for many reasons."""
    for liked in (1, 2):
        for disliked in (1, 3):
            examples = [Example(paper, 1.0) for paper in PAPERS[:liked]]
            examples += [Example(paper, -1.0) for paper in PAPERS[5 : 5 + disliked]]
            match = profile_match(*examples)
            alone = profile_match(*examples[:liked]).profile.words
            among = corpus()
            against = {
                stem: weight - alone.get(stem, -among.mean_row[stem]) for stem, weight in match.profile.words.items()
            }
            mean = {
                stem: sum(among.row_of(paper).get(stem, 0.0) for paper in PAPERS[5 : 5 + disliked]) / disliked
                for stem in against
            }
            for stem, weight in against.items():
                assert weight == pytest.approx(-0.5 * (mean[stem] - among.mean_row[stem]), abs=1e-6)


def test_a_stronger_dislike_counts_for_more_of_its_side_and_not_for_more_in_all():
    weak = profile_match(Example(DISLIKED, -1.0), Example(PAPERS[10], -1.0)).profile.words
    strong = profile_match(Example(DISLIKED, -3.0), Example(PAPERS[10], -1.0)).profile.words
    assert strong["diffus"] < weak["diffus"] < 0
    assert weak["robot"] < strong["robot"]
    once = profile_match(Example(DISLIKED, -1.0)).profile.words
    assert once == pytest.approx(profile_match(Example(DISLIKED, -3.0)).profile.words)


def test_a_profile_without_examples_has_no_influence():
    assert not profile_match().influence.any()
    assert Profile().confidence == 0


def test_a_corpus_without_papers_has_no_influence():
    empty = profile_match(Example(LIKED, 1.0), among=corpus([], np.zeros((0, 3), np.float32)))
    assert len(empty.influence) == 0
    assert empty.word_effect("decod") == 0


def test_candidates_that_are_all_alike_are_not_moved():
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
    match = profile_match(*(Example(PAPERS[at], weight) for at, weight in weights.items()))
    assert np.isfinite(match.influence).all()
    assert np.abs(match.influence).max() <= 10


@pytest.mark.parametrize(("signs", "share"), [(1, 1 / 4), (3, 1 / 2), (5, 5 / 8)])
def test_the_effect_is_three_and_a_half_standard_deviations_and_ten_at_most_less_with_little_feedback(signs, share):
    examples = [Example(PAPERS[at], 1.0) for at in range(signs)]
    among = corpus()
    match = profile_match(*examples, among=among)
    scores = among.scores(match.profile.words, match.profile.direction)
    deviations = (scores - scores.mean()) / scores.std()
    assert match.influence == pytest.approx(np.clip(share * 3.5 * deviations, -10 * share, 10 * share))
    outlier = corpus([LIKED, *[NEUTRAL_PAPER] * 30])
    assert profile_match(*examples, among=outlier).influence.max() == pytest.approx(10 * share)


@pytest.mark.parametrize(
    ("signs", "people", "proven"),
    [(1, 1, False), (4, 1, False), (5, 1, True), (6, 1, True), (1, 2, True), (1, 3, True)],
)
def test_a_profile_is_proven_by_two_people_or_five_signs(signs, people, proven):
    examples = [Example(paper, 1.0) for paper in PAPERS[:signs]]
    assert learn_profile(examples, corpus(), people=people).proven == proven


def test_the_score_of_a_paper_is_the_sum_of_its_words_weights():
    among = corpus()
    scores = among.scores({"decod": 2.0, "robot": -1.0, "nowher": 5.0}, None)
    expected = [2 * row.get("decod", 0) - row.get("robot", 0) for row in among.rows]
    assert scores.tolist() == pytest.approx(expected, abs=1e-6)


def test_the_reason_is_a_phrase_that_the_liked_papers_have_too():
    fans = frozenset({"a", "b"})
    liked = [Paper("8.1", "Speculative decoding for long answers"), Paper("8.2", "We trust speculative decoding")]
    candidate = Paper("8.3", "Tree decoding or speculative decoding?", "Both are timed.")
    match = profile_match(*(Example(paper, 1.0, None, fans) for paper in liked), among=corpus([*PAPERS, candidate]))
    assert match.liked(len(PAPERS), candidate) == ("speculative decoding",)


def test_reasons_for_and_against_have_the_sign_of_what_they_add():
    both = frozenset({"a", "b"})
    match = profile_match(Example(LIKED, 1.0, None, both), Example(DISLIKED, -1.0, None, critics=both))
    raised = match.reasons(NEXT_OF_LIKED, PAPERS[NEXT_OF_LIKED])
    lowered = match.reasons(NEXT_OF_DISLIKED, PAPERS[NEXT_OF_DISLIKED])
    assert raised[0].weight > 0
    assert any("diffusion" in words and weight < 0 for words, weight in lowered)


@pytest.mark.parametrize(("influence", "named"), [(0.1, True), (0.0, False), (-0.1, False)])
def test_a_paper_that_is_raised_ever_so_little_names_what_was_liked(influence, named):
    match = profile_match(Example(LIKED, 1.0, None, frozenset({"a", "b"})))
    match.influence[NEXT_OF_LIKED] = influence
    assert bool(match.liked(NEXT_OF_LIKED, PAPERS[NEXT_OF_LIKED])) == named


def test_a_word_of_three_letters_is_named_and_one_of_two_in_other_scripts():
    fans = frozenset({"a", "b"})
    for word in ("gan", "图像"):
        liked = Paper("8.6", word, word)
        match = profile_match(Example(liked, 1.0, None, fans), among=corpus([*PAPERS, liked]))
        assert match.liked(len(PAPERS), liked), word


def test_a_paper_that_is_lowered_names_nothing_that_was_liked():
    match = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    assert match.liked(NEXT_OF_DISLIKED, PAPERS[NEXT_OF_DISLIKED]) == ()


def test_a_word_is_shown_as_the_papers_write_it_and_with_what_it_moves():
    match = profile_match(Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    assert match.profile.names["decod"] == "decoding"
    assert match.word_effect("decod") > 0 > match.word_effect("diffus")
    assert match.word_effect("nowher") == 0


def test_a_forgotten_word_no_longer_counts_and_the_others_do():
    examples = (Example(LIKED, 1.0), Example(DISLIKED, -1.0))
    before, after = profile_match(*examples), profile_match(*examples, forgotten=frozenset({"decod"}))
    assert before.word_effect("decod") > 0
    assert after.word_effect("decod") == 0
    assert after.word_effect("specul") > 0
    assert "decod" in after.profile.names


def test_meaning_moves_papers_that_share_no_word_with_what_was_liked():
    vectors = np.zeros((len(PAPERS), 4), np.float32)
    for at in range(len(PAPERS)):
        vectors[at, at // 5] = 1.0
    related = 17
    vectors[related] = vectors[0]
    influence = profile_match(Example(LIKED, 1.0, vectors[0]), among=corpus(vectors=vectors)).influence
    same_words = profile_match(Example(LIKED, 1.0), among=corpus()).influence
    assert influence[related] > influence[16]
    assert same_words[related] == pytest.approx(same_words[16], abs=0.5)


def test_a_liked_paper_without_a_vector_teaches_by_its_words_alone():
    vectors = np.diag(np.linspace(0.1, 1, len(PAPERS), dtype=np.float32))
    nothing = np.zeros(len(PAPERS), np.float32)
    with_none = profile_match(Example(LIKED, 1.0, nothing), among=corpus(vectors=vectors)).influence
    assert with_none == pytest.approx(profile_match(Example(LIKED, 1.0)).influence, abs=1e-6)
    assert profile_match(Example(LIKED, 1.0), among=corpus(vectors=vectors)).influence == pytest.approx(with_none)


def test_a_liked_paper_need_not_be_a_candidate_and_may_have_unknown_words():
    unknown = Paper("9.9", "Zymurgy of speculative ales", "")
    match = profile_match(Example(unknown, 1.0))
    assert max(match.influence) == match.influence[:5].max()
    assert match.word_effect("zymurgi") > 0
    assert profile_match(Example(Paper("9.8", "", ""), 1.0)).profile.words == {}


def test_words_that_keep_the_same_company_are_near_though_no_paper_has_both():
    liked = Paper("7.1", "Grasping", "")
    among = corpus([*PAPERS, *(Paper(f"6.{n}", "Robot arm grasping", f"simulation {n}") for n in range(5))])
    influence = profile_match(Example(liked, 1.0), among=among).influence
    with_related = influence[[at for at, paper in enumerate(PAPERS) if paper.id.startswith("2.")]]
    with_others = influence[[at for at, paper in enumerate(PAPERS) if paper.id.startswith("3.")]]
    assert with_related.min() > with_others.max()


@pytest.mark.parametrize(
    ("fans", "named"),
    [((), False), (("a",), False), (("a", "b"), True)],
)
def test_a_liked_word_is_named_only_if_two_people_liked_it_openly(fans, named):
    match = profile_match(Example(LIKED, 1.0, None, frozenset(fans)))
    assert match.influence[NEXT_OF_LIKED] > 0
    assert bool(match.liked(NEXT_OF_LIKED, PAPERS[NEXT_OF_LIKED])) == named


@pytest.mark.parametrize(
    ("critics", "named"),
    [((), False), (("a",), False), (("a", "b"), True)],
)
def test_a_disliked_word_is_named_only_if_two_people_disliked_it(critics, named):
    match = profile_match(Example(DISLIKED, -1.0, None, critics=frozenset(critics)))
    assert match.influence[NEXT_OF_DISLIKED] < 0
    assert bool(match.reasons(NEXT_OF_DISLIKED, PAPERS[NEXT_OF_DISLIKED])) == named


def test_nothing_is_named_as_disliked_where_people_only_liked():
    match = profile_match(*(Example(paper, 1.0, None, frozenset({"a", "b"})) for paper in (LIKED, OTHER_LIKED)))
    assert all(effect.weight > 0 for at, paper in enumerate(PAPERS) for effect in match.reasons(at, paper))


@pytest.mark.parametrize(
    ("weights", "named"),
    [
        ((1.0, 0.29, 0.0), ("zebra",)),
        ((1.0, 0.31, 0.0), ("zebra", "violin")),
        ((0.31, 1.0, 0.0), ("violin", "zebra")),
        ((1.0, 0.9, 0.8), ("zebra", "violin")),
        ((1.0, -0.4, -0.3), ("zebra",)),
        ((1.0, 0.0, 0.0), ("zebra",)),
    ],
)
def test_two_words_at_most_are_named_and_none_that_moves_less_than_three_tenths_of_the_strongest(weights, named):
    """The stems have equal parts in the paper, and no example has two of them side by side."""
    about = Paper("8.5", "zebra", "violin. meadow.")
    among = corpus([*PAPERS, about])
    words = dict(zip(("zebra", "violin", "meadow"), weights, strict=True))
    match = ProfileMatch(Profile((Example(LIKED, 1.0),), words, public=frozenset(words)), among)
    assert match.liked(len(PAPERS), about) == named


@pytest.mark.parametrize("word", ["0.1", "3", "de", "the", "a", "7b", "many", "see", "next"])
def test_numbers_stop_words_and_fragments_are_never_named(word):
    odd = Paper("8.9", f"{word} authors {word}", f"{word} authors {word}")
    match = profile_match(Example(odd, 2.0, None, frozenset({"a", "b"})), among=corpus([*PAPERS, odd]))
    assert word not in match.profile.names.values()
    assert all(word not in words.split() for words in match.liked(len(PAPERS), odd))
