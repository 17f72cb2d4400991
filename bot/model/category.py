"""The categories of arXiv, bioRxiv and medRxiv: their form, their spelling, and those that exist. Pure."""

from __future__ import annotations

import difflib
import re

_FORM = re.compile(r"[a-z]{1,8}(?:-[a-z]{2,4})?(?:\.[A-Za-z]{2,8}(?:-[a-z]{2,6})?)?")
_LISTED = """
cs: CL CV LG AI RO IR CR SE HC MA DC SD GR NE DB CY MM PL AR CC CE CG DL DM DS ET FL GL GT IT LO MS NA NI OH OS PF SC
cs: SI SY
stat: ML ME AP CO OT TH
eess: AS IV SP SY
econ: EM GN TH
math: OC PR NA ST AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NT OA QA RA RT SG SP
q-bio: NC QM BM CB GN MN OT PE SC TO
q-fin: ST CP EC GN MF PM PR RM TR
physics: comp-ph data-an optics acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph ed-ph flu-dyn gen-ph geo-ph
physics: hist-ph ins-det med-ph plasm-ph pop-ph soc-ph space-ph
astro-ph: CO EP GA HE IM SR
cond-mat: dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con
nlin: AO CD CG PS SI
biorxiv: neuroscience bioinformatics microbiology cell-biology genomics cancer-biology biophysics immunology genetics
biorxiv: evolutionary-biology systems-biology molecular-biology plant-biology ecology biochemistry bioengineering
biorxiv: developmental-biology synthetic-biology physiology animal-behavior-and-cognition zoology paleontology pathology
biorxiv: pharmacology-and-toxicology scientific-communication-and-education epidemiology clinical-trials
medrxiv: epidemiology infectious-diseases public-and-global-health psychiatry-and-clinical-psychology neurology oncology
medrxiv: genetic-and-genomic-medicine cardiovascular-medicine health-informatics radiology-and-imaging endocrinology
medrxiv: health-policy health-economics health-systems-and-quality-improvement primary-care-research pediatrics
medrxiv: respiratory-medicine obstetrics-and-gynecology hiv-aids gastroenterology ophthalmology medical-education
medrxiv: intensive-care-and-critical-care-medicine occupational-and-environmental-health allergy-and-immunology
medrxiv: rehabilitation-medicine-and-physical-therapy sexual-and-reproductive-health pharmacology-and-therapeutics
medrxiv: emergency-medicine geriatric-medicine sports-medicine addiction-medicine dermatology rheumatology nephrology
medrxiv: hematology urology orthopedics otolaryngology anesthesia pain-medicine palliative-medicine transplantation
medrxiv: dentistry-and-oral-medicine nursing surgery nutrition medical-ethics forensic-medicine pathology toxicology
"""
"""Archive: its subjects, the ones most frequent on Daily Papers first. https://arxiv.org/category_taxonomy

Those of bioRxiv and medRxiv follow, in the form that `bot.sources.biorxiv_parse` gives them."""
PREPRINT_SERVERS = frozenset({"biorxiv", "medrxiv"})
"""Servers other than arXiv whose categories begin with their name."""
_ALONE = ("quant-ph", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nucl-ex", "nucl-th")
_SPOKEN = {
    "nlp": "cs.CL", "language": "cs.CL", "linguistics": "cs.CL", "vision": "cs.CV", "ml": "cs.LG", "learning": "cs.LG",
    "ai": "cs.AI", "robotics": "cs.RO", "retrieval": "cs.IR", "security": "cs.CR", "graphics": "cs.GR",
    "speech": "eess.AS", "audio": "cs.SD", "statistics": "stat.ML", "optimization": "math.OC", "hci": "cs.HC",
}  # fmt: skip
"""Categories by the words that people type for them."""
CATEGORIES = (
    *(
        f"{archive}.{subject}"
        for archive, _, subjects in (line.partition(": ") for line in _LISTED.strip().splitlines())
        for subject in subjects.split()
    ),
    *_ALONE,
)
"""Every category, those of an archive together."""
_BY_LOWER = {category.lower(): category for category in CATEGORIES}
ARCHIVES = frozenset(category.partition(".")[0] for category in CATEGORIES)


def is_category(text: str) -> bool:
    """Whether a text has the form of an arXiv category: `cs.CL`, `hep-th`, `cond-mat.supr-con`."""
    return _FORM.fullmatch(text) is not None and text.partition(".")[0] not in PREPRINT_SERVERS


def canonical_category(category: str) -> str:
    """A category in arXiv's spelling; of an unknown one two letters after the dot are capitals (`cs.XX`)."""
    archive, dot, subject = category.lower().partition(".")
    guess = f"{archive}{dot}{subject.upper() if len(subject) == 2 else subject}"
    return _BY_LOWER.get(category.lower(), guess)


def is_known(category: str) -> bool:
    """Whether there is a category or an archive of this name, in any case."""
    return category.lower() in _BY_LOWER or category.lower() in ARCHIVES


def similar_categories(category: str, most: int = 3) -> tuple[str, ...]:
    """The categories that a mistyped one may mean, the likeliest first."""
    plain = category.lower()
    archive, _, subject = plain.rpartition(".")
    spoken = _SPOKEN.get(subject) or _SPOKEN.get(plain)
    if spoken is not None:
        return (spoken,)
    inside = [each for each in CATEGORIES if each.lower().startswith(f"{archive}.")] if archive else []
    near = difflib.get_close_matches(plain, _BY_LOWER, n=most, cutoff=0.85)
    same_subject = [each for each in CATEGORIES if subject and each.lower().endswith(f".{subject}")]
    listed = (*(_BY_LOWER[each] for each in near), *(inside or same_subject))
    return tuple(dict.fromkeys(listed))[:most] or CATEGORIES[:most]
