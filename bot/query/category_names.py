"""The names of arXiv's categories, and the categories that words in plain English name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType

from bot.text.analyzer import stems

_NAMED = """
cs.CL Computation and Language; cs.CV Computer Vision and Pattern Recognition; cs.LG Machine Learning
cs.AI Artificial Intelligence; cs.RO Robotics; cs.IR Information Retrieval; cs.CR Cryptography and Security
cs.SE Software Engineering; cs.HC Human-Computer Interaction; cs.MA Multiagent Systems; cs.DB Databases
cs.DC Distributed, Parallel, and Cluster Computing; cs.SD Sound; cs.GR Graphics; cs.NE Neural and Evolutionary Computing
cs.CY Computers and Society; cs.MM Multimedia; cs.PL Programming Languages; cs.AR Hardware Architecture
cs.CC Computational Complexity; cs.CE Computational Engineering, Finance, and Science; cs.CG Computational Geometry
cs.DL Digital Libraries; cs.DM Discrete Mathematics; cs.DS Data Structures and Algorithms; cs.ET Emerging Technologies
cs.FL Formal Languages and Automata Theory; cs.GL General Literature; cs.GT Computer Science and Game Theory
cs.IT Information Theory; cs.LO Logic in Computer Science; cs.MS Mathematical Software; cs.NA Numerical Analysis
cs.NI Networking and Internet Architecture; cs.OH Other Computer Science; cs.OS Operating Systems; cs.PF Performance
cs.SC Symbolic Computation; cs.SI Social and Information Networks; cs.SY Systems and Control
stat.ML Machine Learning; stat.ME Methodology; stat.AP Applications; stat.CO Computation; stat.OT Other Statistics
stat.TH Statistics Theory; eess.AS Audio and Speech Processing; eess.IV Image and Video Processing
eess.SP Signal Processing; eess.SY Systems and Control; econ.EM Econometrics; econ.GN General Economics
econ.TH Theoretical Economics; math.OC Optimization and Control; math.PR Probability; math.NA Numerical Analysis
math.ST Statistics Theory; math.AC Commutative Algebra; math.AG Algebraic Geometry; math.AP Analysis of PDEs
math.AT Algebraic Topology; math.CA Classical Analysis and ODEs; math.CO Combinatorics; math.CT Category Theory
math.CV Complex Variables; math.DG Differential Geometry; math.DS Dynamical Systems; math.FA Functional Analysis
math.GM General Mathematics; math.GN General Topology; math.GR Group Theory; math.GT Geometric Topology
math.HO History and Overview; math.IT Information Theory; math.KT K-Theory and Homology; math.LO Logic
math.MG Metric Geometry; math.MP Mathematical Physics; math.NT Number Theory; math.OA Operator Algebras
math.QA Quantum Algebra; math.RA Rings and Algebras; math.RT Representation Theory; math.SG Symplectic Geometry
math.SP Spectral Theory; q-bio.NC Neurons and Cognition; q-bio.QM Quantitative Methods; q-bio.BM Biomolecules
q-bio.CB Cell Behavior; q-bio.GN Genomics; q-bio.MN Molecular Networks; q-bio.OT Other Quantitative Biology
q-bio.PE Populations and Evolution; q-bio.SC Subcellular Processes; q-bio.TO Tissues and Organs
q-fin.ST Statistical Finance; q-fin.CP Computational Finance; q-fin.EC Economics; q-fin.GN General Finance
q-fin.MF Mathematical Finance; q-fin.PM Portfolio Management; q-fin.PR Pricing of Securities; q-fin.RM Risk Management
q-fin.TR Trading and Market Microstructure; physics.comp-ph Computational Physics
physics.data-an Data Analysis, Statistics and Probability; physics.optics Optics; physics.acc-ph Accelerator Physics
physics.ao-ph Atmospheric and Oceanic Physics; physics.app-ph Applied Physics; physics.bio-ph Biological Physics
physics.atm-clus Atomic and Molecular Clusters; physics.atom-ph Atomic Physics; physics.chem-ph Chemical Physics
physics.class-ph Classical Physics; physics.ed-ph Physics Education; physics.flu-dyn Fluid Dynamics
physics.gen-ph General Physics; physics.geo-ph Geophysics; physics.hist-ph History and Philosophy of Physics
physics.ins-det Instrumentation and Detectors; physics.med-ph Medical Physics; physics.plasm-ph Plasma Physics
physics.pop-ph Popular Physics; physics.soc-ph Physics and Society; physics.space-ph Space Physics
astro-ph Astrophysics; astro-ph.CO Cosmology and Nongalactic Astrophysics; astro-ph.EP Earth and Planetary Astrophysics
astro-ph.GA Astrophysics of Galaxies; astro-ph.HE High Energy Astrophysical Phenomena
astro-ph.IM Instrumentation and Methods for Astrophysics; astro-ph.SR Solar and Stellar Astrophysics
cond-mat Condensed Matter; cond-mat.dis-nn Disordered Systems and Neural Networks
cond-mat.mes-hall Mesoscale and Nanoscale Physics; cond-mat.mtrl-sci Materials Science
cond-mat.other Other Condensed Matter; cond-mat.quant-gas Quantum Gases; cond-mat.soft Soft Condensed Matter
cond-mat.stat-mech Statistical Mechanics; cond-mat.str-el Strongly Correlated Electrons
cond-mat.supr-con Superconductivity; nlin.AO Adaptation and Self-Organizing Systems; nlin.CD Chaotic Dynamics
nlin.CG Cellular Automata and Lattice Gases; nlin.PS Pattern Formation and Solitons
nlin.SI Exactly Solvable and Integrable Systems; quant-ph Quantum Physics; math-ph Mathematical Physics
gr-qc General Relativity and Quantum Cosmology; hep-ex High Energy Physics - Experiment
hep-lat High Energy Physics - Lattice; hep-ph High Energy Physics - Phenomenology; hep-th High Energy Physics - Theory
nucl-ex Nuclear Experiment; nucl-th Nuclear Theory; stat Statistics; math Mathematics; physics Physics; econ Economics
q-bio Quantitative Biology; q-fin Quantitative Finance; cs Computer Science
"""
"""Category and name; https://arxiv.org/category_taxonomy"""
NAMES = MappingProxyType(
    {
        category: name
        for category, _, name in (each.strip().partition(" ") for each in re.split(r"[;\n]", _NAMED) if each.strip())
    }
)
"""Names of the categories and archives, those that most papers of Daily Papers have first."""
_OTHER_NAMES = MappingProxyType(
    {
        "natural language processing": "cs.CL", "nlp": "cs.CL", "computational linguistics": "cs.CL", "ml": "cs.LG",
        "ai": "cs.AI", "security": "cs.CR", "cybersecurity": "cs.CR", "cryptography": "cs.CR", "privacy": "cs.CR",
        "hci": "cs.HC", "speech": "eess.AS", "speech processing": "eess.AS", "audio": "cs.SD",
        "image processing": "eess.IV", "recommender systems": "cs.IR", "parallel computing": "cs.DC",
        "neuroscience": "q-bio.NC", "biology": "q-bio", "bioinformatics": "q-bio.QM", "finance": "q-fin",
        "astronomy": "astro-ph", "quantum computing": "quant-ph", "algorithms": "cs.DS", "compilers": "cs.PL",
        "networking": "cs.NI",
    }
)  # fmt: skip
"""What people call categories that have another name."""
_TOO_WIDE = frozenset({"applications", "computation", "methodology", "performance", "general literature"})
"""Names that alone mean much more than the category."""


def categories_named(text: str) -> tuple[str, ...]:
    """The categories that a text names, in any form: `robotics`, `computer vision`, `nlp`; most often one, or none."""
    return _by_stems().get(_key(text), ())


@lru_cache(maxsize=1)
def _by_stems() -> dict[tuple[str, ...], tuple[str, ...]]:
    categories: dict[tuple[str, ...], tuple[str, ...]] = {_key(name): (each,) for name, each in _OTHER_NAMES.items()}
    whole = ((name, category) for category, name in NAMES.items() if name.lower() not in _TOO_WIDE)
    for name, category in whole:
        categories[_key(name)] = (*categories.get(_key(name), ()), category)
    for category, name in NAMES.items():
        for part in _parts(name):
            categories.setdefault(_key(part), (category,))
    return categories


def _parts(name: str) -> Iterator[str]:
    """Parts joined by `and` or commas in a name, of two words or more: `Computer Vision` and `Pattern Recognition`."""
    yield from (part for part in re.split(r",? and |, ", name) if " " in part)


def _key(text: str) -> tuple[str, ...]:
    return tuple(stems(text, stop_words=False))
