"""Patterns of English phrases that may be dropped from a sentence, and of those that may not. Pure."""

from __future__ import annotations

import re

THIS = (
    r"(?:(?:technical|extended|short|position|survey|review|white|research|system) )?(?:abstract|tutorial|chapter"
    r"|perspective|paper|work|article|study|report|letter|research|survey|thesis|note|manuscript)"
)
_HERE = rf"(?:(?:in|with|through|throughout) (?:this|the present|our) (?:\w+ )?{THIS}|here|in what follows)"
_PURPOSE = (
    r"(?:address|tackle|overcome|solve|mitigate|alleviate|bridge|fill|remedy|resolve|achieve|answer|counter|combat"
    r"|close|reduce|handle|deal with|facilitate|meet|enable|support|improve|evaluate|better \w+|further \w+"
    r"|understand"
    r"|investigate|study|fix|circumvent|relieve|avoid|explore|validate|verify|demonstrate|capture|ensure|assess"
    r"|enhance|advance|rectify|strike|cope with|harness|unlock|realize|make|provide|obtain|prevent)"
)
_BACK = r"(?:this|these|those|such|it|that|them|the above|the aforementioned|aforementioned|our)"
_SUBJECT = r"(?=(?:we|our|this|the|an?|its?|these|[A-Z]|here,? we|to|in this|in the)\b)"
ENUMERATED = re.compile(r"^(?:\(?(?:\d|[ivx]{1,3})\)|[-•*]) ")
# Labels of a structured abstract.
LABEL = re.compile(
    r"^(?:(?:BACKGROUND|INTRODUCTION|CONTEXT|PURPOSE|AIMS?|OBJECTIVES?|DESIGN|SETTING|METHODS?|METHODOLOGY|MATERIALS"
    r"|PRINCIPAL|RESULTS?|FINDINGS|CONCLUSIONS?|SIGNIFICANCE|INTERPRETATION|RATIONALE|APPROACH|DISCUSSION"
    r"|AND|/|&|\w+/\w+)[:.]? )+(?=[A-Z\d])"
    r"|^(?:Background|Introduction|Purpose|Aims?|Objectives?|Methods?|Methodology|Results|Findings|Conclusions?"
    r"|Significance|Approach|Main results)(?: and \w+)?[:.] (?=[A-Z\d])"
)
# Connective to the previous sentence, up to the subject.
ADVERB = re.compile(
    r"(?:(?:and |but |so )?(?:(?!(?:potential|possib|presumab|supposed|hypothetical|probab|seeming|usual|general"
    r"|typical|most|local|global|conditional|approximate|tradition|historic|theoretic|on|recent|current"
    r"|previous)\w*,)[a-z]+ly(?=, )|therefore|thus|hence|consequently|accordingly|specifically|in particular|moreover"
    r"|furthermore|additionally"
    r"|in addition|finally|lastly|instead|however|in response|as a result|as a consequence|first(?:ly)?|second(?:ly)?"
    r"|third(?:ly)?|concretely|namely|in contrast|by contrast|more specifically|more concretely|more precisely"
    r"|more importantly|most importantly|importantly|notably|next|then|overall|in summary|in short|to summarize"
    r"|in conclusion|to begin with|to be specific|further|and(?= we )|(?:both )?\w+ly and \w+ly(?=, )|also"
    r"|besides|meanwhile"
    r"|in this context|in doing so|by doing so|for example"
    r"|for instance"
    r"|remarkably|surprisingly|interestingly|essentially|critically|crucially|conversely|nevertheless|nonetheless"
    r"|ultimately|collectively|together|beyond this|in this way|similarly|likewise|indeed|again|at the same time"
    r"|simultaneously|for [\w -]{1,20}(?=, we )|as a (?:general )?(?:solution|remedy|step)|in turn|still|yet|as such"
    r"|to that effect|significantly|most notably|in particular|unlike these"
    r")(?:, | (?=we ))(?:(?:therefore|then|also|further|thus|hence),? )?)",
    re.IGNORECASE,
)
LEAD = re.compile(
    rf"(?:(?:and |but |so )?(?:{_HERE}"
    rf"|(?:for|towards?|to|with|at) (?:this|that|these|those|such)(?: \w+)?(?: in mind)?|to do (?:so|this)"
    r"|as a first step(?: [^,;:]{0,140})?"
    r"|(?:building|built|based) (?:up)?on (?:our|this|these|the above) [^;:]{3,120}?(?=, we )"
    r"|(?:(?:as )?part of|motivated|inspired|recognizing|addressing|observing|exploiting|guided|informed|driven"
    r"|encouraged|based|built|building|grounded|drawing|leveraging|using"
    r"|utilizing|exploiting|employing|beyond|by|with|through|via|from|in (?:light|view|response)|upon|following"
    r"|along with"
    rf"|alongside|complementing|armed) (?:[a-z]+ )?(?:\w+ )?{_BACK}\b[^,;:]{{0,110}}"
    rf"|(?:in order )?to {_PURPOSE}\b[^,;:]{{0,120}}?(?:, [^,;:]{{3,60}}, and [^,;:]{{3,60}})?"
    rf")(?:, | (?=we )),?(?:(?:therefore|then|also|further|thus|hence),? )?{_SUBJECT})",
    re.IGNORECASE,
)
# A contrast or a reason before a proposal is background.
BACKGROUND_LEAD = re.compile(
    r"(?:while|although|though|since|because|whereas|unlike|rather than|instead of|in contrast to|different from"
    r"|motivated by|inspired by) [^,;:]{5,160}, "
    r"(?=we (?:\w+ly )?(?:propose|present|introduce|develop|design|describe|study|investigate|explore)\b)",
    re.IGNORECASE,
)
AFTER_SUBJECT = re.compile(
    rf"^(we|this {THIS}|our \w+) "
    r"(?:also|further|furthermore|then|therefore|thus|additionally|moreover|finally|subsequently|hence|next|here"
    r"|instead"
    rf"|first(?!.*\b(?:then|second|next)\b)|in this {THIS}|, in this {THIS},|, therefore,) (?=\w)",
    re.IGNORECASE,
)
FIGURE = re.compile(r"\d")
# Never dropped: negations, hedges, conditions, comparisons.
GUARD = re.compile(
    r"\b(?:not?|never|none|neither|nor|without|cannot|unable|fails?|failed|lacks?|hardly|rarely|\w+n['’]t"
    r"|may|might|could|some|sometimes|partly|partially|mostly|often|likely|possibly|presumably|seems?"
    r"|appears?|certain|preliminary|limited|hypothes\w+|conjectur\w+"
    r"|if|unless|only|when|whenever|under|assum\w+|given|provided|except|until|as long as|in case|subject to|once"
    r"|whereas|while|but|although|though|despite|however|yet|albeit|contrary|contrast|opposed"
    r"|than|compar\w+|versus|vs|instead|rather|relative|even|over|roughly|approximately|nearly|almost)\b",
    re.IGNORECASE,
)
# A last clause that praises and says nothing.
PRAISE = re.compile(
    r", (?:and )?(?:thus |thereby |further |ultimately |effectively |successfully )?"
    r"(?:paving (?:the|a) way|laying (?:the|a)|opening (?:up )?(?:new|the|a|many|exciting)|highlighting|underscoring"
    r"|demonstrating|showcasing|showing|validating|confirming|illustrating|verifying|emphasizing|proving"
    r"|offering (?:new|novel|valuable|key|fresh|important|deep|deeper|insights?|a (?:new|novel|fresh|promising"
    r"|robust))"
    r"|providing (?:new|novel|valuable|key|important|deep|deeper|useful|actionable|insights?|a (?:new|solid|strong"
    r"|foundation))"
    r"|marking an?|representing an?|establishing a new|suggesting (?:its|the|that)|making it an?|contributing"
    r"|advancing|fostering|setting (?:a|the) (?:new )?(?:foundation|stage|direction|path)|shedding|inspiring)\b"
    r"[^;:\d]{4,200}$"
)
# A list that stands in the next sentences.
FOLLOWING = re.compile(
    r",? (?:(?:with|having|including|offering|as) (?:the following|these|several|some)(?: \w+){1,3}"
    r"|(?:which |that )?(?:consist|compris|includ|involv)(?:s|es|ing)(?: of)?|composed of|namely|that|to)[.:]$"
)
# A last clause that says only that something named before is addressed.
ADDRESSES = re.compile(
    r"(?:,? (?<!is )(?<!are )(?:designed|developed|tailored|intended|aimed|built|proposed|created)(?: \w+ly)?)?"
    r"(?:,? (?:and|that|which)|,? (?<!able )(?<!aims )(?:to|for|by))(?: we)? (?:\w+ )?"
    r"(?:address|tackl|overcom|solv|mitigat|alleviat|resolv|handl|bridg|fill|eliminat)(?:e|es|s|ing)?"
    r" (?:all |both |each )?(?:of )?(?:these|this|the above|the aforementioned|such|those) [\w-]+(?: [\w-]+){0,2}\.$"
)
# `We address this problem by introducing X, a …` becomes `We introduce`'s `X is a …`.
BY_INTRODUCING = re.compile(
    rf"(?:[Ww]e|[Tt]his {THIS}) (?:\w+ly )?(?:address|tackle|solve|overcome|mitigate|fill|bridge|alleviate)(?:es"
    rf"|s)? (?:this|these|those|the|such)"
    rf" [^,;:]{{3,60}}? by (?:introducing|proposing|presenting|developing|designing) (?=(?:the )?[A-Z])"
)
# Determiners that point back and that a sentence does without.
POINTING = re.compile(
    r"(?:(?<=addresses )|(?<=overcome )|(?<=overcomes )|(?<=tackle )|(?<=tackles )|(?<=mitigate )"
    r"|(?<=mitigates )"
    r"|(?<=eliminates )|(?<=alleviate )|(?<=resolve )|(?<=solve ))(?:these|such|those) (?=[\w-]+(?: [\w-]+)?s\b)"
    r"|(?:(?<= with )|(?<= of )|(?<= for )|(?<=ing ))such (?!as\b)(?=(?:[\w-]+ )?[\w-]+s\b(?! as\b))"
)
THESE_RESULTS = re.compile(
    r"^These (?=(?:\w+ )?(?:results|findings|observations|experiments|data) (?:\w+ly )?(?:show|reveal"
    r"|demonstrate|suggest"
    r"|indicate|highlight)\b)"
)
# A last clause that may go if a sentence is too long to be shown.
LAST_CLAUSE = re.compile(
    r", (?=(?:\w+ly |thus |thereby )?[a-z]{3,}ing\b)|; "
    r"|, (?=(?:which|while|where|with|including|along with|together with|as well as)\b)"
)
ADDED = re.compile(r", (?:along|together) with |, as well as ")
# A list of whole phrases after a colon.
LISTED = re.compile(r": \(?(?:1|i|a)\) ")
LISTS = re.compile(r", (?:and|or) (?:[a-z]+ly )?[a-z]+ing\b")
SUBORDINATE = re.compile(
    r"(?:while|although|though|since|because|as|if|when|whenever|considering|given|despite|unlike|in order|by|to|for"
    r"|after|before|once|with|without|under|using|whereas|in contrast|compared|based|motivated|inspired)\b",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    r" (?:\((?:see )?(?:Fig|Sec|Tab|Eq|App)[^()]{0,40}\)|\[\d[\d, –-]*\]|\((?:available )?(?:at )?https?:[^()\s]+\))"
)
_EVIDENCE = r"(?:results?|experiments?|evaluations?|findings?|analys[ie]s|studies|study|simulations?|validations?)"
# `Experiments show that …` becomes `…`; `argue`, `believe` and `suggest` stay, since they hedge.
THAT = re.compile(
    r"(?:(?:in|through|via|with|by|across) [^,;:]{0,60}\b(?:experiments|evaluations?|experimentation|analys[ie]s"
    r"|benchmarks"
    r"|studies|simulations),? )?"
    rf"(?:we|(?:our|the|extensive|these|experimental|empirical|numerical|comprehensive|theoretical|simulation)"
    rf"(?:(?:,| and)? \w+){{0,4}}? {_EVIDENCE}(?: (?:on|across|over|in|with|of) [^;:]{{3,110}}?)?"
    rf"|(?:experiments|evaluations?|results)(?: (?:on|across|over|in|with) [^;:]{{3,110}}?)?)"
    r" (?:(?:\w+ly|also|then|thus|further|first)(?:,? and \w+ly)? )?"
    r"(?:show|demonstrate|prove|find|observe|shows|demonstrates|proves|discover|reveal|reveals|establish"
    r"|confirm|verify"
    r"|confirms)"
    r"(?:,? (?:both )?(?:theoretically|empirically|experimentally)"
    r"(?: and (?:theoretically|empirically|experimentally))?,?)?"
    r"(?: that|(?<=demonstrate)(?= (?:our|the) \w+ \w*ly)|(?<=show)(?= (?:our|the) \w+ \w*ly)) (?!(?:by|when|if|under"
    r"|for|in|with|on|using|while|despite|even|there|it|they|both|as)\b)",
    re.IGNORECASE,
)
_REPORTS = (
    "show demonstrate propose introduce present prove evaluate apply develop provide analyze analyse describe derive"
    " discuss explore investigate examine illustrate establish validate verify conduct identify observe achieve obtain"
    " construct argue confirm use train test release report design build study extend formulate outperform"
    " compare solve learn optimize offer highlight uncover reveal give create perform combine integrate"
    " incorporate address improve open-source find employ leverage adopt collect curate define devise make"
)
_BASE = "|".join(_REPORTS.split())
_THIRD = "|".join(f"{verb}s" for verb in _REPORTS.split()) + "|applies|identifies|verifies|studies"
# A second verb of `we`, which would lose its subject.
COORDINATED = re.compile(
    rf"(?:,|;)? (?:and|but)(?: also| then| further| finally| subsequently)? (?:(?:\w+ly )?(?:{_BASE}|{_THIRD})|we)\b"
    rf"|; |\bwe\b"
)
# `We propose X, a method that …` becomes `X is a method that …`.
ANNOUNCED = re.compile(
    rf"(?:[Ww]e|[Tt]his {THIS}) (?:\w+ly )?"
    r"(?:propose|present|introduce|describe|develop|design|devise|release|unveil|open-source)s? "
    r"(?:(?=[^A-Z]{0,80}: [A-Z])(?:an?|the) [^,;:A-Z]{4,80}: )?"
    r"(?P<name>(?=[^,;:]*[A-Z])(?:the )?[^\W_a-z“\"'‘][^,;:()]{0,70}?(?: \([^(),;:]{1,80}\))?)(?:,|:|,? [–—-]) "
    r"(?=(?:an?|the first|the largest) )"
)
PLURAL = re.compile(
    r"\b(?:Models|models|Transformers|Networks|networks|Agents|Datasets|Benchmarks|LLMs|MLLMs|VLMs|HPTs)$"
)
